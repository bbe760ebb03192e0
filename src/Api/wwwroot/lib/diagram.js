// Draws a model's layers from input to output, with the width of what goes from one to the next.
import { svg } from './dom.js';

const boxWidth = 100;
const boxHeight = 50;
const gap = 34;
const titles = { lstm: 'LSTM', gru: 'GRU', elman: 'Elman RNN', rnn: 'Elman RNN', dense: 'Dense', embedding: 'Embedding', embeddings: 'Embeddings', attention: 'Attention' };
const recurrent = ['lstm', 'gru', 'elman', 'rnn'];

export function diagram(model) {
  const rows = model.encoder
    ? [boxesOf(model.encoder.input, model.encoder.layers, null), boxesOf(model.input, model.layers, model.output)]
    : [boxesOf(model.input, model.layers, model.output)];
  const width = Math.max(...rows.map(row => row.length)) * (boxWidth + gap) - gap + 4;
  const height = rows.length * (boxHeight + 44) + 2;
  const drawing = svg('svg', { class: 'diagram', viewBox: `0 0 ${width} ${height}`, width, role: 'img', 'aria-label': spoken(rows) });
  rows.forEach((row, line) => row.forEach((box, place) => {
    const [x, y] = [place * (boxWidth + gap) + 2, line * (boxHeight + 44) + 30];
    if (place > 0) {
      arrow(drawing, x - gap + 2, y + boxHeight / 2, x - 3, y + boxHeight / 2);
      drawing.append(svg('text', { x: x - gap / 2, y: y + boxHeight / 2 - 7, class: 'width' }, row[place - 1].width ?? ''));
    }

    drawing.append(
      svg('rect', { x, y, width: boxWidth, height: boxHeight, rx: 10, class: box.kind }),
      svg('text', { x: x + boxWidth / 2, y: y + 21, class: 'name' }, box.title),
      svg('text', { x: x + boxWidth / 2, y: y + 38, class: 'shape' }, box.shape));
    if (box.isRecurrent) {
      drawing.append(svg('path', { class: 'loop', d: `M${x + boxWidth - 28} ${y} C ${x + boxWidth - 28} ${y - 26}, ${x + 28} ${y - 26}, ${x + 28} ${y - 4}` }));
      drawing.append(svg('path', { class: 'head', d: `M${x + 23} ${y - 9} l5 7 l5 -7` }));
    }
  }));
  return drawing;
}

function arrow(drawing, x1, y1, x2, y2) {
  drawing.append(svg('path', { class: 'arrow', d: `M${x1} ${y1} H${x2} m-6 -4 l6 4 l-6 4` }));
}

function boxesOf(input, layers, output) {
  const boxes = [{ kind: 'end', title: input.kind.replace('-', ' '), shape: reads(input), width: input.vocabulary ? '1' : input.size ?? input.features?.length }];
  for (const layer of layers.flatMap(flat)) {
    const isRecurrent = recurrent.includes(layer.kind);
    const both = layer.direction === 'bidirectional' ? 2 : 1;
    if (layer.size || layer.kind === 'attention') {
      boxes.push({
        kind: isRecurrent ? 'recurrent' : 'plain',
        isRecurrent,
        title: `${titles[layer.kind] ?? layer.kind}${layer.layers > 1 ? ` × ${layer.layers}` : ''}`,
        shape: layer.kind === 'attention' ? 'over the source' : `${layer.size} ${both > 1 ? '× 2 directions' : isRecurrent ? 'units' : 'wide'}`,
        width: layer.size ? layer.size * both : null,
      });
    }
  }

  return output ? [...boxes, { kind: 'end', title: output.kind.replace('-', ' '), shape: tells(output, input) }] : boxes;
}

// What holds layers counts as those, with its branches one after the other.
const flat = layer => layer.branches ? layer.branches.flat().flatMap(flat) : [layer];

const reads = input => input.vocabulary ? `${input.vocabulary.length} tokens` : input.features ? `${input.features.length} features` : `${input.size} ${input.kind === 'tokens' ? 'tokens' : 'features a word'}`;

const tells = (output, input) => output.labels ? `${output.labels.length} labels` : output.values ? output.values.slice(0, 1).map(value => value.name).join() + (output.values.length > 1 ? ` … ${output.values.length}` : '') : output.kind === 'next-token' ? reads(input) : '';

const spoken = rows => rows.map(row => row.map(box => `${box.title}, ${box.shape}`).join('; then ')).join('. Its decoder: ');
