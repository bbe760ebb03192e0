// What a network's layers computed, read from the server.
import { post } from './api.js';
import { read } from './safetensors.js';

const lstm = ['hidden', 'cell', 'input', 'forget', 'output', 'candidate'];
const gru = ['hidden', 'reset', 'update', 'candidate'];

export const titles = {
  hidden: 'Hidden state', cell: 'Cell state', input: 'Input gate', forget: 'Forget gate', output: 'Output gate', candidate: 'Candidate',
  reset: 'Reset gate', update: 'Update gate',
};
const gates = ['input', 'forget', 'output', 'reset', 'update'];

// The recurrent layers of a model as the trace names them: [{ name, parts }].
export function layersOf(model) {
  const flat = layer => layer.branches ? layer.branches.flat().flatMap(flat) : [layer];
  return model.layers.flatMap(flat).filter(layer => layer.layers).flatMap(layer =>
    Array.from({ length: layer.layers }, (_, index) => ({
      name: `${layer.name}.${index}`,
      size: layer.size,
      parts: layer.kind === 'lstm' ? lstm : layer.kind === 'gru' ? gru : ['hidden'],
    })));
}

// From where to where a part's numbers go. A cell state has no bounds; one number in twenty is beyond what is shown of it.
export function rangeOf(part, rows = []) {
  if (gates.includes(part)) {
    return { low: 0, high: 1 };
  }

  const sizes = part === 'cell' ? rows.flatMap(row => Array.from(row, Math.abs)).sort((a, b) => a - b) : [];
  const high = sizes[Math.floor(0.95 * sizes.length)] || 1;
  return { low: -high, high };
}

// The rows of one part of one layer at each token, and the summary of the layer.
export async function look(model, tokens, layer, part, options) {
  const body = { tokens, top: 1, trace: { parts: [part], layers: [layer], summary: true } };
  const { tensors, reply } = read(await post(`/models/${model.name}/sequence`, body, { ...options, accept: 'application/octet-stream' }));
  return { rows: tensors[`${layer}.${part}`], summary: reply.trace.summary, body };
}

// How much each earlier token speaks for a token: of the logit that it had after those before it, the part that each adds.
export async function attribution(model, tokens, index, options) {
  const body = { tokens: tokens.slice(0, index), top: 1, trace: { attribute: { output: tokens[index] } } };
  const reply = await post(`/models/${model.name}/sequence`, body, options);
  return { products: reply.trace.attribution.products, body };
}

// The units that differ most between some timesteps and the others.
export async function separating(model, tokens, steps, options) {
  const body = { tokens, top: 1, trace: { separate: steps, top: 8 } };
  const reply = await post(`/models/${model.name}/sequence`, body, options);
  return { units: reply.trace.separating, body };
}
