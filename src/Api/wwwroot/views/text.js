// Text: watch a model write, see what a unit does at every character, and branch the text at any of them.
import { activity } from '../lib/status.js';
import { asCss, palette, shade } from '../lib/colors.js';
import { field, modelSelect, modelsOf } from '../lib/models.js';
import { fill, h, number, percent, visible } from '../lib/dom.js';
import { Heatmap } from '../lib/heatmap.js';
import { attribution, layersOf, look, rangeOf, separating, titles } from '../lib/trace.js';
import { requestPanel } from '../lib/request.js';
import { Writing } from '../lib/writing.js';

const prompts = { austen: 'It is a truth universally acknowledged, that ' };
const spoken = { ' ': 'space', '\n': 'line break', '\t': 'tab' };
const kinds = {
  selection: ['the selected text', null],
  capitals: ['capitals', text => /\p{Lu}/u.test(text)],
  spaces: ['spaces', text => /^\s+$/.test(text)],
  vowels: ['vowels', text => /^[aeiou]$/i.test(text)],
  quotations: ['quoted speech', null],
};

export async function show(place, query) {
  const { models, first } = await modelsOf('text', query);
  const { line, tell, run, stop } = activity();
  const request = requestPanel();
  let model = first;
  let layer;
  let part = 'hidden';
  let unit = 0;
  let selected = null;                                     // { writing, index }
  let writings = [];
  let active = null;
  let colors = palette(true);
  let hasChosen = false;                                   // a unit
  let partRows = null;                                     // of another part than the hidden state

  // The form
  const form = h('form', { class: 'panel controls', onsubmit: event => { event.preventDefault(); write(); } });
  const layers = h('select', { name: 'layer', onchange: () => run(signal => lookAt(layers.value, signal)) });
  const go = h('button', { type: 'submit', class: 'primary' }, 'Write');
  const halt = h('button', { type: 'button', onclick: stop, disabled: true }, 'Stop');
  fill(form,
    field('Model', modelSelect(models, first, changeModel)),
    field('Begin with', h('textarea', { name: 'prompt', rows: 2, spellcheck: 'false' })),
    slider('Temperature', 'temperature', 0, 2, 0.05, 0.6, 'Below 1 it plays safe, above 1 it dares.'),
    slider('Top-p', 'topP', 0.05, 1, 0.05, 1, 'Only the likeliest that together reach this.'),
    field('Length', h('input', { name: 'maxLength', type: 'number', min: 1, max: 2000, value: 200 })),
    h('details', { class: 'field' }, h('summary', {}, 'More ways to draw'), h('div', { class: 'grid' },
      field('Top-k', h('input', { name: 'topK', type: 'number', min: 1, placeholder: 'all' })),
      field('Min-p', h('input', { name: 'minP', type: 'number', min: 0, max: 1, step: 0.01, value: 0 })),
      field('Typical-p', h('input', { name: 'typicalP', type: 'number', min: 0.05, max: 1, step: 0.05, value: 1 })),
      field('Repetition penalty', h('input', { name: 'repetitionPenalty', type: 'number', min: 0.1, max: 2, step: 0.05, value: 1 })),
      field('Seed', h('input', { name: 'seed', type: 'number', min: 0, placeholder: 'fresh' })))),
    h('div', { class: 'actions' }, go, halt));

  // What is seen
  const unitInput = h('input', { type: 'number', name: 'unit', min: 0, value: 0, onchange: () => follow(Number(unitInput.value)) });
  const kind = h('select', { name: 'kind' }, Object.entries(kinds).map(([name, [title]]) => h('option', { value: name }, title)));
  const found = h('div', { class: 'chips', role: 'group', 'aria-label': 'Units that were found' });
  const columns = h('div', { class: 'writings' });
  const inspector = h('section', { class: 'inspector', 'aria-live': 'polite', 'aria-label': 'The chosen character' });
  const parts = h('div', { class: 'tabs', role: 'group', 'aria-label': 'What the map shows' });
  const readout = h('output', { class: 'readout' }, ' ');
  const summary = h('div', { class: 'summary' });
  const map = new Heatmap({ label: 'Units over time', height: 256, onpoint: point, onpick: pick });
  const legend = h('div', { class: 'legend', 'aria-hidden': 'true' });
  const results = h('div', { class: 'results', hidden: true },
    h('section', { class: 'panel' },
      h('div', { class: 'bar' },
        field('Layer', layers), field('Coloured by unit', unitInput),
        h('form', { class: 'find', onsubmit: event => { event.preventDefault(); find(); } }, field('Which units follow', kind), h('button', { type: 'submit' }, 'Find')),
        legend),
      found, columns, inspector),
    h('section', { class: 'panel' },
      h('div', { class: 'bar' }, parts, readout), map.element,
      h('p', { class: 'hint' }, 'A row is a unit, a column a character. Click to follow a unit; drag to scroll; Ctrl and wheel to zoom.'), summary));
  fill(place,
    h('h1', {}, 'Text'),
    h('p', { class: 'lead' }, 'The model writes on, one character after the other. Each is coloured by what one of its units thinks of it; choose the unit, and branch the text where you like.'),
    h('div', { class: 'split' }, form, h('div', {}, line, results)), request.panel);

  function slider(title, name, min, max, step, value, note) {
    const told = h('span', { class: 'told' }, String(value));
    const control = field(title, h('input', { type: 'range', name, min, max, step, value, oninput: event => fill(told, event.target.value) }), note);
    control.append(told);
    return control;
  }

  function changeModel(next) {
    model = next;
    end();
    results.hidden = true;
    form.elements.prompt.value = prompts[model.name] ?? '';
    const all = layersOf(model);
    fill(layers, all.map((each, index) => h('option', { value: each.name, selected: index === all.length - 1 }, each.name)));
    layer = all.at(-1);
    unitInput.max = layer.size - 1;
  }

  // Options as they are sent: what is left as it was is left out.
  function options() {
    const { elements } = form;
    const chosen = { maxLength: Number(elements.maxLength.value), temperature: Number(elements.temperature.value) };
    for (const [name, usual] of [['topP', '1'], ['topK', ''], ['minP', '0'], ['typicalP', '1'], ['repetitionPenalty', '1'], ['seed', '']]) {
      if (elements[name].value !== usual && elements[name].value !== '') {
        chosen[name] = Number(elements[name].value);
      }
    }

    return chosen;
  }

  async function write() {
    const chosen = { text: form.elements.prompt.value, ...options() };
    await run(async signal => {
      tell('Creating a session …');
      const writing = await Writing.begin(model, signal);
      end();
      writings = [writing];
      selected = null;
      await goOn(writing, chosen, signal);
    });
  }

  async function branch(text) {
    const { writing, index } = selected;
    await run(async signal => {
      tell('Forking the session …');
      const other = await writing.branch(index, signal);
      writings.slice(1).filter(each => each !== writing).forEach(each => each.end());
      writings = writing === writings[0] ? [writing, other] : [writings[0], other];
      const { seed, ...chosen } = options();
      await goOn(other, text === undefined ? chosen : { text, ...chosen }, signal);
    });
  }

  async function goOn(writing, chosen, signal) {
    results.hidden = false;
    halt.disabled = false;
    part = 'hidden';
    activate(writing);
    const { path, body } = writing.request(chosen, layer.name);
    request.show('POST', path, body);
    const began = performance.now();
    let count = 0;
    try {
      for await (const { token, rows } of writing.go(chosen, layer.name, signal)) {
        append(writing, token);
        if (active === writing) {
          map.add(rows);
        }

        tell(`Writing: ${++count} …`);
      }
    } finally {
      halt.disabled = true;
      tell(`${count} characters in ${number((performance.now() - began) / 1000, 2)} s.`);
    }

    if (writing.tokens.length > 0) {
      await summarise(signal);
    }

    if (!hasChosen && stepsOf('spaces').length > 0) {
      kind.value = 'spaces';
      await findUnits(stepsOf('spaces'), signal);
    }
  }

  // The text
  function render() {
    fill(columns, writings.map(writing => {
      const text = h('div', { class: 'text', tabindex: '0', role: 'listbox', 'aria-label': 'Characters; arrow keys move', onkeydown: walk(writing), onclick: clicked(writing), onpointerover: hovered(writing) });
      writing.place = text;
      text.append(...writing.tokens.map((token, index) => character(writing, token, index)));
      return h('article', { class: writing === active ? 'writing active' : 'writing' },
        h('h2', {}, h('button', { type: 'button', class: 'quiet', onclick: () => activate(writing) }, writing.branchedAt === null ? 'As it went' : `Branched at ${writing.branchedAt}`)),
        text);
    }));
  }

  function character(writing, token, index) {
    const isOld = token.prompt || (writing.branchedAt !== null && index < writing.branchedAt);
    const element = h('span', { role: 'option', id: `c${writings.indexOf(writing)}-${index}`, 'aria-selected': 'false', 'aria-label': /\S/.test(token.text) ? null : spoken[token.text] ?? 'blank', class: isOld ? 'old' : null }, token.text);
    element.style.backgroundColor = shadeOf(writing, index);
    return element;
  }

  function append(writing, token) {
    writing.place.append(character(writing, token, writing.tokens.length - 1));
  }

  function shadeOf(writing, index) {
    const row = writing.rows[index];
    return row ? asCss(colors[shade(row[unit], -1, 1)]) : '';
  }

  function recolour() {
    for (const writing of writings) {
      [...writing.place.children].forEach((element, index) => element.style.backgroundColor = shadeOf(writing, index));
    }

    fill(legend, h('span', {}, '−1'), ...[0, 64, 128, 191, 255].map(index => {
      const box = h('i', {});
      box.style.backgroundColor = asCss(colors[index]);
      return box;
    }), h('span', {}, '+1'));
  }

  const clicked = writing => event => {
    const index = [...writing.place.children].indexOf(event.target.closest('[role=option]'));
    if (index >= 0 && getSelection().isCollapsed) {
      select(writing, index);
    }
  };

  const hovered = writing => event => {
    const index = [...writing.place.children].indexOf(event.target.closest('[role=option]'));
    if (index >= 0 && writing === active) {
      tellPoint(index, unit);
    }

    if (index >= 0 && selected === null) {
      inspect(writing, index);
    }
  };

  const walk = writing => event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -20, ArrowDown: 20 }[event.key];
    if (step) {
      event.preventDefault();
      const from = selected?.writing === writing ? selected.index : 0;
      select(writing, Math.max(0, Math.min(writing.tokens.length - 1, from + step)));
    }
  };

  function select(writing, index) {
    selected?.writing.place?.children[selected.index]?.setAttribute('aria-selected', 'false');
    selected = { writing, index };
    const element = writing.place.children[index];
    element.setAttribute('aria-selected', 'true');
    writing.place.setAttribute('aria-activedescendant', element.id);
    if (active !== writing) {
      activate(writing);
    }

    map.mark(unit, index);
    tellPoint(index, unit);
    inspect(writing, index);
  }

  function inspect(writing, index) {
    const token = writing.tokens[index];
    fill(inspector,
      h('h3', {}, h('code', {}, visible(token.text)), ` at ${index + 1}`, token.probability === null ? '' : `, probability ${percent(token.probability)}`),
      token.top.length === 0 ? h('p', {}, 'Nothing came before it, so nothing was expected.') : h('ul', { class: 'alternatives' }, token.top.map(other => {
        const bar = h('span', { class: 'bar-of' });
        bar.style.width = `${100 * Math.exp(other.logProbability)}%`;
        return h('li', {}, h('button', { type: 'button', class: other.token === token.token ? 'taken' : '', title: 'Branch here with this one', onclick: () => { selected = { writing, index }; branch(other.text); } }, h('code', {}, visible(other.text))), h('span', { class: 'track' }, bar), h('span', {}, percent(Math.exp(other.logProbability))));
      })),
      h('div', { class: 'actions' },
        h('button', { type: 'button', onclick: () => { selected = { writing, index }; branch(); } }, 'Branch before it'),
        index > 0 ? h('button', { type: 'button', onclick: () => explain(writing, index) }, 'What led to it') : null,
        h('span', { class: 'hint' }, 'or take one of the alternatives: a fork of the session goes on beside this text.')));
  }

  // Colours the characters before one by how much each speaks for it, until a unit is followed again.
  const explain = (writing, index) => run(async signal => {
    select(writing, index);
    const { products, body } = await attribution(model, writing.tokens.map(token => token.token), index, { signal });
    request.show('POST', `/models/${model.name}/sequence`, body);
    const most = Math.max(...products.map(Math.abs));
    [...writing.place.children].forEach((element, place) => {
      element.style.backgroundColor = place < index ? asCss(colors[shade(products[place], -most, most)]) : '';
    });
    tell(`What speaks for “${visible(writing.tokens[index].text)}”, orange, and against it, blue. Choose a unit to go back.`);
  });

  // The map
  function activate(writing) {
    active = writing;
    partRows = null;
    part = 'hidden';
    render();
    recolour();
    showParts();
    map.show(writing.rows, rangeOf('hidden'));
    map.mark(unit, selected?.writing === writing ? selected.index : null);
  }

  function showParts() {
    fill(parts, layer.parts.map(name => h('button', { type: 'button', 'aria-pressed': String(name === part), onclick: () => changePart(name) }, titles[name])));
  }

  async function changePart(name) {
    await run(async signal => {
      const { rows, body } = await look(model, active.tokens.map(token => token.token), layer.name, name, { signal });
      request.show('POST', `/models/${model.name}/sequence`, body);
      [part, partRows] = [name, rows];
      showParts();
      map.show(rows, rangeOf(name, rows));
    });
  }

  async function lookAt(name, signal) {
    layer = layersOf(model).find(each => each.name === name);
    unit = Math.min(unit, layer.size - 1);
    unitInput.max = layer.size - 1;
    unitInput.value = unit;
    for (const writing of writings) {
      writing.rows = (await look(model, writing.tokens.map(token => token.token), name, 'hidden', { signal })).rows;
    }

    activate(active);
    await summarise(signal);
  }

  async function summarise(signal) {
    const { summary: told } = await look(model, active.tokens.map(token => token.token), layer.name, 'hidden', { signal });
    const dead = told.find(each => each.part === 'hidden')?.dead ?? [];
    fill(summary,
      h('table', {}, h('caption', {}, `${layer.name} in this text`),
        h('thead', {}, h('tr', {}, ['', 'mean', 'below 0.05', 'above 0.95'].map(title => h('th', { scope: 'col' }, title)))),
        h('tbody', {}, told.map(each => h('tr', {}, h('th', { scope: 'row' }, titles[each.part]), h('td', {}, number(each.mean)),
          h('td', {}, each.closed === undefined ? '' : percent(each.closed)), h('td', {}, each.open === undefined ? '' : percent(each.open)))))),
      h('p', {}, dead.length === 0 ? 'No unit is dead.' : `Dead units: ${dead.join(', ')}.`));
  }

  function follow(next) {
    hasChosen = true;
    unit = Math.max(0, Math.min(layer.size - 1, next || 0));
    unitInput.value = unit;
    map.mark(unit);
    recolour();
  }

  function tellPoint(timestep, of) {
    const row = (partRows ?? active.rows)[timestep];
    if (row) {
      fill(readout, `${visible(active.tokens[timestep].text)} at ${timestep + 1} · unit ${of} · ${number(row[of])}`);
    }
  }

  function point(timestep, of) {
    tellPoint(timestep, of);
  }

  function pick(timestep, of) {
    follow(of);
    select(active, timestep);
  }

  // Units by what they do
  async function find() {
    const steps = stepsOf(kind.value);
    if (steps.length === 0 || steps.length === active.tokens.length) {
      return tell(kind.value === 'selection' ? 'Select a part of the text first, with the mouse or with Shift and the arrow keys.' : 'There are none in this text, or nothing else.');
    }

    await run(async signal => {
      request.show('POST', `/models/${model.name}/sequence`, await findUnits(steps, signal));
    });
  }

  async function findUnits(steps, signal) {
    const { units, body } = await separating(model, active.tokens.map(token => token.token), steps, { signal });
    fill(found, units.map(each => h('button', { type: 'button', onclick: () => run(mine => choose(each, mine)) },
      `${each.layer} · ${each.unit}`, h('small', {}, ` ${each.separation > 0 ? '+' : '−'}${number(Math.abs(each.separation), 2)}`))));
    await choose(units[0], signal);
    return body;
  }

  async function choose({ layer: name, unit: of }, signal) {
    if (name !== layer.name) {
      layers.value = name;
      await lookAt(name, signal);
    }

    follow(of);
  }

  function stepsOf(name) {
    const texts = active.tokens.map(token => token.text);
    if (name === 'quotations') {
      let isQuoted = false;
      return texts.flatMap((text, index) => {
        const isMark = text === '"';
        isQuoted = isMark ? !isQuoted : isQuoted;
        return isQuoted && !isMark ? [index] : [];
      });
    }

    if (name === 'selection') {
      const range = getSelection().rangeCount > 0 ? getSelection().getRangeAt(0) : null;
      return [...active.place.children].flatMap((element, index) => range && !range.collapsed && range.intersectsNode(element) ? [index] : []);
    }

    return texts.flatMap((text, index) => kinds[name][1](text) ? [index] : []);
  }

  function end() {
    writings.forEach(writing => writing.end());
    writings = [];
  }

  function repaint() {
    colors = palette(true);
    map.repaint();
    recolour();
  }

  addEventListener('themechange', repaint);
  changeModel(first);
  return () => {
    stop();
    end();
    removeEventListener('themechange', repaint);
  };
}
