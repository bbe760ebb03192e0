// Which models a view is for, and the choice among them.
import { get } from './api.js';
import { h } from './dom.js';

export const uses = {
  text: model => model.output.kind === 'next-token' && model.generates && !model.encoder && model.input.kind !== 'tokens',
  series: model => model.forecasts,
  labels: model => model.output.kind === 'classes' && (model.input.vocabulary || model.input.kind === 'word-features'),
  attention: model => model.encoder && model.layers.some(layer => layer.kind === 'attention') && Boolean(model.encoder.input.vocabulary),
  sessions: model => model.causal,
};

// The models of a view, the one that the address names first.
export async function modelsOf(view, query) {
  const all = await get('/models');
  const models = newest(all.filter(uses[view]));
  if (models.length === 0) {
    throw new Error('No model that is served is of use here. The models view shows what there is.');
  }

  const named = models.find(model => model.name === query.get('model'));
  return { models, first: named ?? models[0] };
}

export const modelSelect = (models, first, onchange) =>
  h('select', { name: 'model', onchange: event => onchange(models.find(model => model.name === event.target.value)) },
    models.map(model => h('option', { value: model.name, selected: model === first }, model.name)));

let fields = 0;

// A control with its name, and what there is to say of it.
export function field(name, control, note) {
  control.id = `field-${++fields}`;
  if (note) {
    control.setAttribute('aria-describedby', `${control.id}-note`);
  }

  return h('div', { class: 'field' }, h('label', { for: control.id }, name), control, note ? h('small', { id: `${control.id}-note` }, note) : null);
}

const newest = models => models.filter(model => !models.some(other => other.name === model.name && other.version > model.version));
