// Labels: how sure a model is of each, token by token, as the input is typed.
import { activity } from '../lib/status.js';
import { asCss, palette, shade } from '../lib/colors.js';
import { field, modelSelect, modelsOf } from '../lib/models.js';
import { fill, h, number, percent, settled, visible } from '../lib/dom.js';
import { post } from '../lib/api.js';
import { requestPanel } from '../lib/request.js';

const inputs = { names: 'Nakamura', tags: 'She opened the door before anyone could answer.' };

export async function show(place, query) {
  const { models, first } = await modelsOf('labels', query);
  const { line, run, stop } = activity();
  const request = requestPanel();
  let model = first;
  const input = h('input', { name: 'text', spellcheck: 'false', autocomplete: 'off', oninput: settled(() => label()) });
  const output = h('section', { class: 'panel', 'aria-live': 'polite' });
  fill(place,
    h('h1', {}, 'Labels'),
    h('p', { class: 'lead' }, 'Type, and see what the model makes of it: after every character, or of every word.'),
    h('form', { class: 'panel controls row', onsubmit: event => { event.preventDefault(); label(); } }, field('Model', modelSelect(models, first, change)), field('Input', input)),
    line, output, request.panel);

  async function change(next) {
    model = next;
    input.value = inputs[model.name] ?? '';
    await label();
  }

  async function label() {
    if (input.value === '') {
      stop();
      return fill(output, h('p', { class: 'hint' }, 'Nothing is typed yet.'));
    }

    const body = { text: input.value, return: 'all', top: model.output.labels.length, ...(model.causal && { trace: { attribute: {} } }) };
    await run(async signal => {
      const { outputs, trace } = await post(`/models/${model.name}/sequence`, body, { signal });
      request.show('POST', `/models/${model.name}/sequence`, body);
      fill(output, outputs[0].word === undefined ? [...evolving(outputs), attributed(trace.attribution)] : tagged(outputs));
    });
  }

  // A row for each label, those that were ever likely; a column for each character.
  function evolving(outputs) {
    const characters = [...input.value];
    const best = name => Math.max(...outputs.map(each => probability(each, name)));
    const final = outputs.at(-1);
    const labels = model.output.labels.filter(name => best(name) > 0.02).sort((a, b) => probability(final, b) - probability(final, a)).slice(0, 12);
    return [
      h('p', { class: 'verdict' }, h('strong', {}, final.label), ` ${percent(final.probability)}`),
      h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Probabilities as they evolve' },
        h('table', { class: 'evolution' },
          h('caption', {}, 'After each character'),
          h('thead', {}, h('tr', {}, h('td', {}), characters.map(character => h('th', { scope: 'col' }, h('code', {}, visible(character)))))),
          h('tbody', {}, labels.map(name => h('tr', {}, h('th', { scope: 'row' }, name), outputs.map(each => cell(probability(each, name)))))))),
    ];
  }

  // What each character adds to the label, to first order.
  function attributed({ label: name, products }) {
    const most = Math.max(...products.map(Math.abs));
    const colors = palette(true);
    return h('figure', { class: 'attributed' }, h('figcaption', {}, `What speaks for ${name}, orange, and against it, blue`), h('p', {}, [...input.value].map((character, index) => {
      const element = h('span', { title: number(products[index], 2) }, character);
      element.style.backgroundColor = asCss(colors[shade(products[index], -most, most)]);
      return element;
    })));
  }

  function tagged(outputs) {
    return [
      h('ol', { class: 'tagged' }, outputs.map(each => h('li', {},
        h('span', { class: 'word' }, each.word), h('strong', { class: 'tag' }, each.label), h('small', {}, percent(each.probability)),
        h('ul', { 'aria-label': `What else ${each.word} may be` }, each.candidates.slice(1, 4).filter(other => other.probability > 0.005).map(other => h('li', {}, `${other.label} ${percent(other.probability)}`)))))),
      h('p', { class: 'hint' }, `The likeliest of ${model.output.labels.length} labels for each word; below it what else it may be, if that is likelier than 0.5 %.`),
    ];
  }

  addEventListener('themechange', label);
  await change(first);
  return () => {
    stop();
    removeEventListener('themechange', label);
  };
}

const probability = (output, label) => output.candidates.find(candidate => candidate.label === label)?.probability ?? 0;

function cell(value) {
  const element = h('td', { class: value > 0.5 ? 'strong' : null }, value < 0.005 ? '' : percent(value));
  element.style.setProperty('--share', `${Math.round(100 * value)}%`);
  return element;
}
