// Sessions: the states that the server keeps, to look at, step, fork, rewind, export and import.
import { activity } from '../lib/status.js';
import { asCss, palette, shade } from '../lib/colors.js';
import { call, get, post, remove } from '../lib/api.js';
import { field, modelSelect, modelsOf } from '../lib/models.js';
import { fill, h, number } from '../lib/dom.js';
import { rangeOf } from '../lib/trace.js';
import { requestPanel } from '../lib/request.js';

const page = 50;
const binary = 'application/octet-stream';

export async function show(place, query) {
  const { models, first } = await modelsOf('sessions', query);
  const { line, tell, run, stop } = activity();
  const request = requestPanel();
  let shown = null;                                        // the session that is looked at
  let wanted = first;
  const list = h('div', {});
  const detail = h('div', {});
  const id = h('input', { name: 'id', placeholder: 'a random one', pattern: '[A-Za-z0-9._~\\-]{1,64}' });
  const history = h('input', { name: 'history', type: 'number', min: 0, value: 50 });
  const file = h('input', { type: 'file', accept: '.state', onchange: () => file.files[0] && importFrom(file.files[0]) });
  fill(place,
    h('h1', {}, 'Sessions'),
    h('p', { class: 'lead' }, 'A session is a state kept under an ID, a few KiB that you can look at, fork, put back to an earlier step, take away and bring back.'),
    h('div', { class: 'split' },
      h('div', {},
        h('form', { class: 'panel controls', onsubmit: event => { event.preventDefault(); create(); } },
          h('h2', {}, 'A new one'), field('Model', modelSelect(models, first, model => { wanted = model; })), field('ID', id), field('Steps to keep', history, 'To rewind to and to fork from.'),
          h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, 'Create')),
          field('Or bring a state back', file, 'A file that was exported from the same model.')),
        h('section', { class: 'panel' }, h('h2', {}, 'On this server'), list)),
      h('div', {}, line, detail)),
    request.panel);

  async function refresh(after, signal) {
    const query = after ? `?limit=${page}&after=${encodeURIComponent(after)}` : `?limit=${page}`;
    const { sessions, next } = await get(`/sessions${query}`, { signal });
    fill(list,
      sessions.length === 0 ? h('p', { class: 'hint' }, 'None yet.') : h('ul', { class: 'sessions' }, sessions.map(session => h('li', {},
        h('button', { type: 'button', 'aria-pressed': String(session.id === shown?.id), onclick: () => run(mine => open(session.id, mine)) },
          h('strong', {}, session.id), h('small', {}, ` ${session.model}, step ${number(session.step)}`))))),
      h('div', { class: 'actions' },
        h('button', { type: 'button', onclick: () => run(mine => refresh(undefined, mine)) }, after ? 'From the beginning' : 'Refresh'),
        next ? h('button', { type: 'button', onclick: () => run(mine => refresh(next, mine)) }, 'More') : null));
  }

  const create = () => run(async signal => {
    const body = { model: wanted.name, version: wanted.version, ...(id.value && { id: id.value }), ...(Number(history.value) > 0 && { history: Number(history.value) }) };
    const session = await post('/sessions', body, { signal });
    id.value = '';
    await open(session.id, signal);
    request.show('POST', '/sessions', body);
  });

  const importFrom = chosen => run(async signal => {
    const bytes = await chosen.arrayBuffer();
    const session = await post('/sessions', { model: wanted.name, version: wanted.version, history: Number(history.value) || 0 }, { signal });
    try {
      await call('PUT', `/sessions/${session.id}/state`, bytes, { signal });
    } catch (error) {
      await remove(`/sessions/${session.id}`);
      throw error;
    } finally {
      file.value = '';
    }

    await open(session.id, signal);
    tell(`${chosen.name} goes on as ${session.id}.`);
  });

  // Changes the session that is shown, and shows what it has become.
  const change = (action, body, then) => run(async signal => {
    const path = `/sessions/${shown.id}/${action}`;
    const reply = await post(path, body, { signal });
    await open(action === 'fork' ? reply.id : shown.id, signal);
    request.show('POST', path, body);
    then?.(reply);
  });

  async function open(session, signal) {
    const state = await get(`/sessions/${encodeURIComponent(session)}/state`, { signal });
    shown = await get(`/sessions/${encodeURIComponent(session)}`, { signal });
    request.show('GET', `/sessions/${session}/state`);
    render(models.find(model => model.name === shown.model), state);
    await refresh(undefined, signal);
  }

  function render(model, state) {
    const seconds = Math.max(0, Math.round((Date.parse(shown.expires) - Date.now()) / 1000));
    const facts = {
      Model: `${shown.model} ${shown.version}`, Step: number(shown.step), Kept: shown.earliestStep === undefined ? 'no earlier step' : `from step ${number(shown.earliestStep)}`,
      Size: `${number(shown.bytes / 1024)} KiB`, Ends: `in ${number(Math.ceil(seconds / 60))} min`, Tags: shown.tags?.join(', ') ?? 'none',
    };
    const reply = h('output', { class: 'verdict', 'aria-live': 'polite' });
    fill(detail,
      h('section', { class: 'panel' },
        h('h2', {}, h('code', {}, shown.id)),
        h('dl', { class: 'facts' }, Object.entries(facts).flatMap(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
        stepForm(model, reply), reply,
        rewinding(),
        h('div', { class: 'actions' },
          h('button', { type: 'button', onclick: () => change('fork', {}) }, 'Fork'),
          h('button', { type: 'button', onclick: () => change('reset') }, 'Reset'),
          h('button', { type: 'button', onclick: take }, 'Export'),
          h('button', { type: 'button', class: 'danger', onclick: end }, 'End'))),
      h('section', { class: 'panel' }, h('h2', {}, 'Its state'), stripes(state)));
  }

  function stepForm(model, reply) {
    if (!model || model.encoder) {
      return h('p', { class: 'hint' }, 'An encoder-decoder is not stepped; it is given a source in the attention view.');
    }

    const features = model.input.features;
    const inputs = features
      ? features.map(feature => h('input', { type: 'number', step: 'any', required: true, name: feature.name, value: 0 }))
      : [h('input', { name: 'text', required: true, spellcheck: 'false', placeholder: 'text to read' })];
    return h('form', {
      class: 'grid step', onsubmit: event => {
        event.preventDefault();
        const body = features ? { values: inputs.map(input => Number(input.value)) } : { text: inputs[0].value, top: 5 };
        change(features ? 'step' : 'sequence', body, ({ output }) => fill(detail.querySelector('output'), told(output)));
      },
    }, inputs.map((input, index) => field(features ? `${features[index].name}${features[index].unit ? `, ${features[index].unit}` : ''}` : 'Read on', input)), h('button', { type: 'submit' }, 'Step'));
  }

  function rewinding() {
    if (shown.earliestStep === undefined || shown.earliestStep >= shown.step) {
      return h('p', { class: 'hint' }, shown.history ? 'Once it has moved it can be put back to the steps that it keeps.' : 'It keeps no earlier steps to go back to.');
    }

    const to = h('span', { class: 'told' }, String(shown.step));
    const slider = h('input', { type: 'range', min: shown.earliestStep, max: shown.step, value: shown.step, oninput: event => peek(Number(event.target.value), to) });
    const back = field('Look back to step', slider);
    back.append(to);
    return h('div', { class: 'rewind' }, back,
      h('div', { class: 'actions' },
        h('button', { type: 'button', onclick: () => change('rewind', { step: Number(slider.value) }) }, 'Rewind to it'),
        h('button', { type: 'button', onclick: () => change('fork', { step: Number(slider.value) }) }, 'Fork from it')));
  }

  const peek = (step, to) => {
    fill(to, String(step));
    run(async signal => {
      const state = await get(`/sessions/${shown.id}/state?step=${step}`, { signal });
      request.show('GET', `/sessions/${shown.id}/state?step=${step}`);
      detail.querySelector('.stripes').replaceWith(stripes(state));
    });
  };

  const take = () => run(async signal => {
    const bytes = await call('GET', `/sessions/${shown.id}/state`, undefined, { signal, accept: binary });
    const link = h('a', { href: URL.createObjectURL(new Blob([bytes], { type: binary })), download: `${shown.model}-${shown.id}-${shown.step}.state` });
    link.click();
    URL.revokeObjectURL(link.href);
    tell(`${number(bytes.byteLength)} bytes: all that the network knows.`);
  });

  const end = () => run(async signal => {
    const { id: gone } = shown;
    await remove(`/sessions/${gone}`);
    shown = null;
    fill(detail);
    await refresh(undefined, signal);
    tell(`${gone} has ended.`);
  });

  await run(async signal => {
    await refresh(undefined, signal);
    request.show('GET', '/sessions');
  });
  return stop;
}

// Each part of each layer as a stripe, a cell for each unit.
function stripes(state) {
  const colors = palette(true);
  return h('div', { class: 'stripes' }, h('p', { class: 'hint' }, `At step ${number(state.step)}. A cell is a unit, blue below 0 and orange above.`),
    state.layers.flatMap(({ layer, ...parts }) => Object.entries(parts).filter(([, values]) => Array.isArray(values)).map(([part, values]) => {
      const columns = Math.min(values.length, 64);
      const canvas = h('canvas', { width: columns, height: Math.ceil(values.length / columns), role: 'img', 'aria-label': `${layer} ${part}, ${values.length} units from ${number(Math.min(...values))} to ${number(Math.max(...values))}` });
      const context = canvas.getContext('2d');
      const { low, high } = rangeOf(part === 'cell' ? 'cell' : 'hidden', [values]);
      values.forEach((value, unit) => {
        context.fillStyle = asCss(colors[shade(value, low, high)]);
        context.fillRect(unit % columns, Math.floor(unit / columns), 1, 1);
      });
      canvas.style.height = `${Math.ceil(values.length / columns) * 0.7}rem`;
      return h('figure', {}, h('figcaption', {}, `${layer} · ${part}`), canvas);
    })));
}

const told = output => output.values ? `→ ${output.values.slice(0, 4).map(value => number(value)).join(', ')}`
  : output.heads ? `→ ${Object.entries(output.heads).map(([name, head]) => `${name} ${head.label ?? number(head.values[0])}`).join(', ')}`
    : `→ ${output.candidates.map(candidate => `${JSON.stringify(candidate.text ?? candidate.label)} ${(100 * candidate.probability).toFixed(1)} %`).join('  ')}`;
