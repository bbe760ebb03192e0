// A text whose characters have colours; one of them can be chosen, by mouse or by keyboard.
import { h } from './dom.js';

const spoken = { ' ': 'space', '\n': 'line break', '\t': 'tab' };
const line = 20;                                           // about as many characters an arrow up or down moves by
let texts = 0;

export class ColouredText {
  #id = ++texts;
  #chosen = -1;

  // onpick(index) and onpoint(index) tell what is chosen and pointed at.
  constructor({ onpick, onpoint }) {
    this.onpick = onpick;
    this.element = h('div', {
      class: 'text', tabindex: '0', role: 'listbox', 'aria-label': 'Characters; arrow keys move',
      onclick: event => getSelection().isCollapsed && this.#indexOf(event) >= 0 && onpick(this.#indexOf(event)),
      onpointerover: event => this.#indexOf(event) >= 0 && onpoint(this.#indexOf(event)),
      onkeydown: event => this.#walk(event),
    });
  }

  // isOld: whether it was given, not drawn.
  append(text, isOld, colour) {
    const index = this.element.children.length;
    const element = h('span', { role: 'option', id: `t${this.#id}-${index}`, 'aria-selected': 'false', 'aria-label': /\S/.test(text) ? null : spoken[text] ?? 'blank', class: isOld ? 'old' : null }, text);
    element.style.backgroundColor = colour;
    this.element.append(element);
  }

  // The colour of each character, by its index.
  colour(of) {
    [...this.element.children].forEach((element, index) => { element.style.backgroundColor = of(index); });
  }

  choose(index) {
    this.element.children[this.#chosen]?.setAttribute('aria-selected', 'false');
    this.#chosen = index;
    const element = this.element.children[index];
    element?.setAttribute('aria-selected', 'true');
    element ? this.element.setAttribute('aria-activedescendant', element.id) : this.element.removeAttribute('aria-activedescendant');
  }

  // Which characters are in the selection of the page.
  selected() {
    const range = getSelection().rangeCount > 0 ? getSelection().getRangeAt(0) : null;
    return range === null || range.collapsed ? [] : [...this.element.children].flatMap((element, index) => (range.intersectsNode(element) ? [index] : []));
  }

  #indexOf(event) {
    return [...this.element.children].indexOf(event.target.closest('[role=option]'));
  }

  #walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -line, ArrowDown: line }[event.key];
    if (step && !event.shiftKey) {
      event.preventDefault();
      this.onpick(Math.max(0, Math.min(this.element.children.length - 1, Math.max(0, this.#chosen) + step)));
    }
  }
}
