// What else could have come in a token's place, and what to do about it.
import { h, percent, visible } from './dom.js';

// Does onbranch(text) with an alternative, or with nothing to draw another, and onexplain().
export const inspector = (token, index, { onbranch, onexplain }) => [
  h('h3', {}, h('code', {}, visible(token.text)), ` at ${index + 1}`, token.probability === null ? '' : `, probability ${percent(token.probability)}`),
  token.top.length === 0
    ? h('p', {}, 'Nothing came before it, so nothing was expected.')
    : h('ul', { class: 'alternatives' }, token.top.map(other => alternative(other, other.token === token.token, onbranch))),
  h('div', { class: 'actions' },
    h('button', { type: 'button', onclick: () => onbranch() }, 'Branch before it'),
    index > 0 ? h('button', { type: 'button', onclick: onexplain }, 'What led to it') : '',
    h('span', { class: 'hint' }, 'or take one of the alternatives: a fork of the session goes on beside this text.')),
];

function alternative({ text, logProbability }, isTaken, onbranch) {
  const probability = Math.exp(logProbability);
  const bar = h('span', { class: 'bar-of' });
  bar.style.width = `${100 * probability}%`;
  return h('li', {},
    h('button', { type: 'button', class: isTaken ? 'taken' : '', title: 'Branch here with this one', onclick: () => onbranch(text) }, h('code', {}, visible(text))),
    h('span', { class: 'track' }, bar), h('span', {}, percent(probability)));
}
