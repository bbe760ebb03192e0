// Attention: at which parts of its source an encoder-decoder looks while it writes each token.
import { activity } from '../lib/status.js';
import { field, modelSelect, modelsOf } from '../lib/models.js';
import { fill, h, percent, settled, visible } from '../lib/dom.js';
import { post } from '../lib/api.js';
import { requestPanel } from '../lib/request.js';

const sources = { dates: 'Friday, march 5th, 2021' };
const examples = { dates: ['Friday, march 5th, 2021', '31.12.99', 'the 3rd of October 1987', 'Nov 24 2026'] };

export async function show(place, query) {
  const { models, first } = await modelsOf('attention', query);
  const { line, run, stop } = activity();
  const request = requestPanel();
  let model = first;
  const input = h('input', { name: 'source', spellcheck: 'false', autocomplete: 'off', oninput: settled(() => translate()) });
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': 'Examples' });
  const readout = h('output', { class: 'readout' }, ' ');
  const output = h('section', { class: 'panel' });
  fill(place,
    h('h1', {}, 'Attention'),
    h('p', { class: 'lead' }, 'An encoder reads the source as a whole; the decoder looks back at it for each token that it writes. The darker, the more it looks there.'),
    h('form', { class: 'panel controls row', onsubmit: event => { event.preventDefault(); translate(); } }, field('Model', modelSelect(models, first, change)), h('div', {}, field('Source', input), chips)),
    line, output, request.panel);

  async function change(next) {
    model = next;
    input.maxLength = model.encoder.maxLength;
    input.value = sources[model.name] ?? '';
    fill(chips, (examples[model.name] ?? []).map(example => h('button', { type: 'button', onclick: () => { input.value = example; translate(); } }, example)));
    await translate();
  }

  async function translate() {
    if (input.value === '') {
      stop();
      return fill(output, h('p', { class: 'hint' }, 'Nothing is typed yet.'));
    }

    const body = { text: input.value, temperature: 0, logProbabilities: 0, trace: { parts: ['attention'] } };
    await run(async signal => {
      const reply = await post(`/models/${model.name}/generate`, body, { signal });
      request.show('POST', `/models/${model.name}/generate`, body);
      fill(output, h('p', { class: 'verdict' }, h('strong', {}, reply.text)), matrix(reply), readout);
    });
  }

  // A row for each token that was written: the weights with which it was, which are those of the step before it came.
  function matrix({ trace, tokens }) {
    const rows = trace.layers.find(layer => layer.attention).attention;
    const all = Math.max(...rows.flat());
    return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Attention' },
      h('table', { class: 'attention', onpointerover: point },
        h('caption', {}, 'Columns: the source. Rows: what was written.'),
        h('thead', {}, h('tr', {}, h('td', {}), trace.source.map(text => h('th', { scope: 'col' }, h('code', {}, visible(text)))))),
        h('tbody', {}, tokens.map((token, index) => h('tr', {},
          h('th', { scope: 'row' }, h('code', {}, visible(token.text))),
          rows[index].map((weight, source) => {
            const cell = h('td', { 'data-told': `“${token.text}” looks at “${visible(trace.source[source])}” with ${percent(weight)}; its own probability is ${percent(Math.exp(token.logProbability))}` });
            cell.style.setProperty('--share', `${Math.round(100 * weight / all)}%`);
            cell.append(h('span', { class: 'sr' }, percent(weight)));
            return cell;
          }))))));
  }

  function point(event) {
    const { told } = event.target.closest('td')?.dataset ?? {};
    if (told) {
      fill(readout, told);
    }
  }

  await change(first);
  return stop;
}
