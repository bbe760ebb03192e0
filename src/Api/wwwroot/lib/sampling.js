// The form with the ways to draw a text.
import { field } from './models.js';
import { fill, h } from './dom.js';

const usual = { topP: '1', topK: '', minP: '0', typicalP: '1', repetitionPenalty: '1', seed: '' };

// The controls, those of every day first.
export const samplingFields = () => [
  slider('Temperature', 'temperature', 0, 2, 0.05, 0.6, 'Below 1 it plays safe, above 1 it dares.'),
  slider('Top-p', 'topP', 0.05, 1, 0.05, 1, 'Only the likeliest that together reach this.'),
  field('Length', h('input', { name: 'maxLength', type: 'number', min: 1, max: 2000, value: 200 })),
  h('details', { class: 'field' }, h('summary', {}, 'More ways to draw'), h('div', { class: 'grid' },
    field('Top-k', h('input', { name: 'topK', type: 'number', min: 1, placeholder: 'all' })),
    field('Min-p', h('input', { name: 'minP', type: 'number', min: 0, max: 1, step: 0.01, value: 0 })),
    field('Typical-p', h('input', { name: 'typicalP', type: 'number', min: 0.05, max: 1, step: 0.05, value: 1 })),
    field('Repetition penalty', h('input', { name: 'repetitionPenalty', type: 'number', min: 0.1, max: 2, step: 0.05, value: 1 })),
    field('Seed', h('input', { name: 'seed', type: 'number', min: 0, placeholder: 'fresh' })))),
];

// The options as they are sent; what is as usual is left out.
export function optionsOf({ elements }) {
  const options = { maxLength: Number(elements.maxLength.value), temperature: Number(elements.temperature.value) };
  for (const [name, value] of Object.entries(usual)) {
    if (elements[name].value !== value && elements[name].value !== '') {
      options[name] = Number(elements[name].value);
    }
  }

  return options;
}

function slider(title, name, min, max, step, value, note) {
  const told = h('span', { class: 'told' }, String(value));
  const control = field(title, h('input', { type: 'range', name, min, max, step, value, oninput: event => fill(told, event.target.value) }), note);
  control.append(told);
  return control;
}
