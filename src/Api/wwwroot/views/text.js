// Text: watch a model write, see what a unit does at every character, and branch the text at any of them.
import { activity } from '../lib/status.js';
import { asCss, palette, shade } from '../lib/colors.js';
import { attribution, layersOf, look, rangeOf, separating, titles } from '../lib/trace.js';
import { ColouredText } from '../lib/colouredtext.js';
import { field, modelSelect, modelsOf } from '../lib/models.js';
import { fill, h, number, percent, visible } from '../lib/dom.js';
import { Heatmap } from '../lib/heatmap.js';
import { inspector } from '../lib/inspector.js';
import { kinds, stepsOf } from '../lib/kinds.js';
import { optionsOf, samplingFields } from '../lib/sampling.js';
import { requestPanel } from '../lib/request.js';
import { Writing } from '../lib/writing.js';

const prompts = { austen: 'It is a truth universally acknowledged, that ' };

export async function show(place, query) {
  const { models, first } = await modelsOf('text', query);
  const { line, tell, run, stop } = activity();
  const request = requestPanel();
  let model = first;
  let layer;
  let part = 'hidden';
  let partRows = null;                                     // of another part than the hidden state
  let unit = 0;
  let hasChosen = false;                                   // a unit
  let writings = [];
  let active = null;
  let chosen = null;                                       // the index of a token of the active one
  let colors = palette(true);

  const prompt = h('textarea', { rows: 2, spellcheck: 'false' });
  const halt = h('button', { type: 'button', onclick: stop, disabled: true }, 'Stop');
  const form = h('form', { class: 'panel controls', onsubmit: event => { event.preventDefault(); write(); } },
    field('Model', modelSelect(models, first, changeModel)), field('Begin with', prompt), samplingFields(),
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, 'Write'), halt));

  const layers = h('select', { onchange: () => run(signal => lookAt(layers.value, signal)) });
  const unitInput = h('input', { type: 'number', min: 0, value: 0, onchange: () => follow(Number(unitInput.value)) });
  const kind = h('select', {}, Object.entries(kinds).map(([name, title]) => h('option', { value: name }, title)));
  const found = h('div', { class: 'chips', role: 'group', 'aria-label': 'Units that were found' });
  const columns = h('div', { class: 'writings' });
  const inspected = h('section', { class: 'inspector', 'aria-live': 'polite', 'aria-label': 'The chosen character' });
  const parts = h('div', { class: 'tabs', role: 'group', 'aria-label': 'What the map shows' });
  const readout = h('output', { class: 'readout' }, ' ');
  const summary = h('div', { class: 'summary' });
  const map = new Heatmap({ label: 'Units over time', height: 256, onpoint: tellPoint, onpick: (timestep, of) => { follow(of); choose(timestep); } });
  const legend = h('div', { class: 'legend', 'aria-hidden': 'true' });
  const results = h('div', { hidden: true },
    h('section', { class: 'panel' },
      h('div', { class: 'bar' },
        field('Layer', layers), field('Coloured by unit', unitInput),
        h('form', { class: 'find', onsubmit: event => { event.preventDefault(); find(); } }, field('Which units follow', kind), h('button', { type: 'submit' }, 'Find')),
        legend),
      found, columns, inspected),
    h('section', { class: 'panel' },
      h('div', { class: 'bar' }, parts, readout), map.element,
      h('p', { class: 'hint' }, 'A row is a unit, a column a character. Click to follow a unit; drag to scroll; Ctrl and wheel to zoom.'), summary));
  fill(place,
    h('h1', {}, 'Text'),
    h('p', { class: 'lead' }, 'The model writes on, one character after the other. Each is coloured by what one of its units thinks of it; choose the unit, and branch the text where you like.'),
    h('div', { class: 'split' }, form, h('div', {}, line, results)), request.panel);

  // Writing

  function changeModel(next) {
    model = next;
    end();
    results.hidden = true;
    prompt.value = prompts[model.name] ?? '';
    const all = layersOf(model);
    fill(layers, all.map((each, index) => h('option', { value: each.name, selected: index === all.length - 1 }, each.name)));
    layer = all.at(-1);
    unitInput.max = layer.size - 1;
  }

  const write = () => run(async signal => {
    tell('Creating a session …');
    const writing = await Writing.begin(model, signal);
    end();
    writings = [writing];
    const told = await goOn(writing, { text: prompt.value, ...optionsOf(form) }, signal);
    if (!hasChosen) {
      kind.value = 'spaces';
      await findUnits(stepsOf('spaces', texts()), signal);
    }

    tell(told);
  });

  // Goes on beside the active text from one of its tokens, with another in its place, or with what is drawn.
  const branch = text => run(async signal => {
    tell('Forking the session …');
    const from = active;
    const other = await from.branch(chosen, signal);
    writings.filter(each => each !== from).forEach(each => each.end());
    writings = [from, other];
    const { seed, ...options } = optionsOf(form);
    tell(await goOn(other, text === undefined ? options : { text, ...options }, signal));
  });

  async function goOn(writing, options, signal) {
    results.hidden = false;
    halt.disabled = false;
    activate(writing);
    const { path, body } = writing.request(options, layer.name);
    request.show('POST', path, body);
    const began = performance.now();
    let count = 0;
    try {
      for await (const { token, rows } of writing.go(options, layer.name, signal)) {
        writing.view.append(token.text, token.prompt, colourOf(writing, writing.tokens.length - 1));
        if (active === writing) {
          map.add(rows);
        }

        tell(`Writing: ${++count} …`);
      }
    } finally {
      halt.disabled = true;
    }

    const told = `${count} characters in ${number((performance.now() - began) / 1000, 2)} s.`;
    await summarise(signal);
    return told;
  }

  function end() {
    writings.forEach(writing => writing.end());
    writings = [];
    active = null;
  }

  // The text

  const texts = () => active.tokens.map(token => token.text);
  const tokensOf = writing => writing.tokens.map(token => token.token);

  function activate(writing) {
    const kept = writing === active ? chosen : null;
    [active, part, partRows, chosen] = [writing, 'hidden', null, null];
    fill(columns, writings.map(each => {
      each.view = new ColouredText({ onpick: index => { each !== active && activate(each); choose(index); }, onpoint: index => each === active && point(index) });
      each.tokens.forEach((token, index) => each.view.append(token.text, token.prompt || index < (each.branchedAt ?? 0), colourOf(each, index)));
      return h('article', { class: each === active ? 'writing active' : 'writing' },
        h('h2', {}, h('button', { type: 'button', class: 'quiet', onclick: () => activate(each) }, each.branchedAt === null ? 'As it went' : `Branched at ${each.branchedAt}`)),
        each.view.element);
    }));
    fill(inspected);
    recolour();
    showParts();
    map.show(writing.rows, rangeOf('hidden'));
    map.mark(unit, null);
    if (kept !== null) {
      choose(kept);
    }
  }

  const colourOf = (writing, index) => writing.rows[index] ? asCss(colors[shade(writing.rows[index][unit], -1, 1)]) : '';

  function recolour() {
    writings.forEach(writing => writing.view?.colour(index => colourOf(writing, index)));
    fill(legend, h('span', {}, '−1'), [0, 64, 128, 191, 255].map(index => {
      const box = h('i', {});
      box.style.backgroundColor = asCss(colors[index]);
      return box;
    }), h('span', {}, '+1'));
  }

  function choose(index) {
    chosen = index;
    active.view.choose(index);
    map.mark(unit, index);
    tellPoint(index, unit);
    inspect(index);
  }

  function point(index) {
    tellPoint(index, unit);
    if (chosen === null) {
      inspect(index);
    }
  }

  function inspect(index) {
    const at = action => (...given) => { choose(index); return action(...given); };
    fill(inspected, inspector(active.tokens[index], index, { onbranch: at(branch), onexplain: at(explain) }));
  }

  // Colours the characters before the chosen one by how much each speaks for it, until a unit is followed again.
  const explain = () => run(async signal => {
    const index = chosen;
    const { products, body } = await attribution(model, tokensOf(active), index, { signal });
    request.show('POST', `/models/${model.name}/sequence`, body);
    const most = Math.max(...products.map(Math.abs));
    active.view.colour(place => place < index ? asCss(colors[shade(products[place], -most, most)]) : '');
    tell(`What speaks for “${visible(active.tokens[index].text)}”, orange, and against it, blue. Choose a unit to go back.`);
  });

  // Units and parts

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

  function showParts() {
    fill(parts, layer.parts.map(name => h('button', { type: 'button', 'aria-pressed': String(name === part), onclick: () => changePart(name) }, titles[name])));
  }

  const changePart = name => run(async signal => {
    const { rows, body } = await look(model, tokensOf(active), layer.name, name, { signal });
    request.show('POST', `/models/${model.name}/sequence`, body);
    [part, partRows] = [name, rows];
    showParts();
    map.show(rows, rangeOf(name, rows));
  });

  async function lookAt(name, signal) {
    layer = layersOf(model).find(each => each.name === name);
    layers.value = name;
    unit = Math.min(unit, layer.size - 1);
    [unitInput.max, unitInput.value] = [layer.size - 1, unit];
    for (const writing of writings) {
      writing.rows = (await look(model, tokensOf(writing), name, 'hidden', { signal })).rows;
    }

    activate(active);
    await summarise(signal);
  }

  async function summarise(signal) {
    const { summary: told } = await look(model, tokensOf(active), layer.name, 'hidden', { signal });
    const dead = told.find(each => each.part === 'hidden')?.dead ?? [];
    fill(summary,
      h('table', {}, h('caption', {}, `${layer.name} in this text`),
        h('thead', {}, h('tr', {}, ['', 'mean', 'below 0.05', 'above 0.95'].map(title => h('th', { scope: 'col' }, title)))),
        h('tbody', {}, told.map(each => h('tr', {}, h('th', { scope: 'row' }, titles[each.part]), h('td', {}, number(each.mean)),
          h('td', {}, each.closed === undefined ? '' : percent(each.closed)), h('td', {}, each.open === undefined ? '' : percent(each.open)))))),
      h('p', {}, dead.length === 0 ? 'No unit is dead.' : `Dead units: ${dead.join(', ')}.`));
  }

  const find = () => run(async signal => {
    const steps = kind.value === 'selection' ? active.view.selected() : stepsOf(kind.value, texts());
    if (steps.length === 0 || steps.length === active.tokens.length) {
      return tell(kind.value === 'selection' ? 'Select a part of the active text first.' : 'There are none in this text, or nothing else.');
    }

    request.show('POST', `/models/${model.name}/sequence`, await findUnits(steps, signal));
  });

  async function findUnits(steps, signal) {
    if (steps.length === 0 || steps.length === active.tokens.length) {
      return null;
    }

    const { units, body } = await separating(model, tokensOf(active), steps, { signal });
    fill(found, units.map(each => h('button', { type: 'button', onclick: () => run(mine => followIn(each, mine)) },
      `${each.layer} · ${each.unit}`, h('small', {}, ` ${each.separation > 0 ? '+' : '−'}${number(Math.abs(each.separation), 2)}`))));
    await followIn(units[0], signal);
    return body;
  }

  async function followIn({ layer: name, unit: of }, signal) {
    if (name !== layer.name) {
      await lookAt(name, signal);
    }

    follow(of);
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
