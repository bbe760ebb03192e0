// The models that are served, at a glance.
import { get } from '../lib/api.js';
import { fill, h, number } from '../lib/dom.js';
import { diagram } from '../lib/diagram.js';
import { requestPanel } from '../lib/request.js';
import { uses } from '../lib/models.js';

const viewNames = { text: 'Write with it', series: 'Watch and forecast', labels: 'Label with it', attention: 'See its attention' };

export async function show(place) {
  const models = await get('/models');
  const request = requestPanel();
  request.show('GET', '/models');
  fill(place,
    h('h1', {}, 'See the network think'),
    h('p', { class: 'lead' }, 'A recurrent network carries a hidden state from step to step. Here you can look at it: gate by gate, unit by unit, live.'),
    h('div', { class: 'cards' }, models.map(card)),
    models.length === 0 ? h('p', {}, 'No models are served.') : null,
    request.panel);
}

function card(model) {
  const facts = {
    Parameters: number(model.parameters),
    State: `${number(model.stateSize)} floats, ${number(model.stateSize * 4 / 1024)} KiB`,
    Version: model.version,
    Weights: `${model.precision}, ${model.format}`,
    Licence: model.license ?? 'not told',
  };
  return h('article', { class: model.encoder ? 'card long' : 'card' },
    h('h2', {}, model.name),
    h('p', {}, model.description ?? ''),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Layers of ${model.name}` }, diagram(model)),
    h('dl', { class: 'facts' }, Object.entries(facts).flatMap(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
    h('p', { class: 'actions' },
      Object.keys(viewNames).filter(view => uses[view](model)).map(view =>
        h('a', { class: 'button', href: `#/${view}?model=${encodeURIComponent(model.name)}` }, viewNames[view])),
      model.causal ? h('a', { class: 'button quiet', href: `#/sessions?model=${encodeURIComponent(model.name)}` }, 'Keep a session') : null));
}
