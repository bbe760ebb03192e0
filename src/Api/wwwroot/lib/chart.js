// Curves over time on a canvas: lines, bands between two curves, bars and marks. Charts that share a window are zoomed and moved together.
import { h, number } from './dom.js';
import { color } from './colors.js';

const left = 48;
const bottom = 22;

// The part of the time that is seen, as indices.
export class Window extends EventTarget {
  from = 0;
  to = 1;
  length = 1;
  hover = null;

  show(from, to, length = this.length) {
    const span = Math.max(5, Math.min(to - from, length));
    this.length = length;
    this.from = Math.max(0, Math.min(length - span, from));
    this.to = this.from + span;
    this.changed();
  }

  zoom(factor, at = (this.from + this.to) / 2) {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  pan(share) {
    const by = share * (this.to - this.from);
    this.show(this.from + by, this.to + by);
  }

  point(index) {
    this.hover = index;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}

export class Chart {
  #canvas = h('canvas', { tabindex: '0', role: 'img' });
  #frame = 0;
  #layers = [];
  #low = 0;
  #high = 1;

  // time(index) is what stands below the axis.
  constructor({ label, height, window, unit = '', time = String }) {
    Object.assign(this, { height, window, unit, time });
    this.#canvas.setAttribute('aria-label', `${label}. Arrow keys move, plus and minus zoom, 0 shows all.`);
    this.#canvas.height = height;
    this.element = h('div', { class: 'chart' }, this.#canvas);
    window.addEventListener('change', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
    this.#listen();
  }

  // Layers: { kind: line | band | bars | marks, color, values or low and high, dash, width, opacity }; a value that is null is left out.
  show(layers) {
    this.#layers = layers;
    this.draw();
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#render();
    });
  }

  #x = index => left + (index - this.window.from) / (this.window.to - this.window.from) * (this.#canvas.clientWidth - left - 8);
  #y = value => 8 + (this.#high - value) / (this.#high - this.#low) * (this.height - bottom - 8);

  #render() {
    const [canvas, scale] = [this.#canvas, devicePixelRatio];
    const width = canvas.clientWidth;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(this.height * scale);
    const context = canvas.getContext('2d');
    context.scale(scale, scale);
    this.#fit();
    this.#axes(context, width);
    context.save();
    context.beginPath();
    context.rect(left, 0, width - left, this.height - bottom + 2);
    context.clip();
    for (const layer of this.#layers) {
      context.strokeStyle = context.fillStyle = color(layer.color);
      context.globalAlpha = layer.opacity ?? 1;
      context.lineWidth = layer.width ?? 1.5;
      context.setLineDash(layer.dash ?? []);
      this[`_${layer.kind}`](context, layer);
    }

    context.restore();
    if (this.window.hover !== null) {
      context.strokeStyle = color('muted');
      context.setLineDash([2, 3]);
      context.strokeRect(this.#x(this.window.hover), 4, 0, this.height - bottom - 4);
    }
  }

  #visible() {
    return [Math.max(0, Math.floor(this.window.from) - 1), Math.ceil(this.window.to) + 1];
  }

  #fit() {
    const [from, to] = this.#visible();
    let [low, high] = [Infinity, -Infinity];
    for (const layer of this.#layers) {
      for (const values of [layer.values, layer.low, layer.high]) {
        for (let index = from; index < Math.min(to, values?.length ?? 0); index++) {
          if (values[index] !== null && values[index] !== undefined) {
            low = Math.min(low, values[index]);
            high = Math.max(high, values[index]);
          }
        }
      }
    }

    if (low > high) {
      [low, high] = [0, 1];
    }

    const margin = (high - low || Math.abs(high) || 1) * 0.06;
    [this.#low, this.#high] = [low - margin, high + margin];
  }

  #axes(context, width) {
    context.font = '12px system-ui, sans-serif';
    context.fillStyle = color('muted');
    context.strokeStyle = color('line');
    context.lineWidth = 1;
    const step = nice((this.#high - this.#low) / Math.max(2, this.height / 44));
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (let value = Math.ceil(this.#low / step) * step; value <= this.#high; value += step) {
      const y = Math.round(this.#y(value)) + 0.5;
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(width, y);
      context.stroke();
      context.fillText(number(Math.abs(value) < step / 2 ? 0 : value), left - 6, y);
    }

    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    const each = Math.max(1, nice((this.window.to - this.window.from) / Math.max(1, (width - left) / 110)));
    for (let index = Math.ceil(this.window.from / each) * each; index < Math.min(this.window.to, this.window.length); index += each) {
      const x = this.#x(index);
      if (x > left + 30 && x < width - 40) {
        context.fillText(this.time(index), x, this.height - 6);
      }
    }
  }

  _line(context, { values }) {
    const [from, to] = this.#visible();
    let isOpen = false;
    context.beginPath();
    for (let index = from; index < Math.min(to, values.length); index++) {
      const value = values[index];
      if (value === null || value === undefined) {
        isOpen = false;
      } else {
        context[isOpen ? 'lineTo' : 'moveTo'](this.#x(index), this.#y(value));
        isOpen = true;
      }
    }

    context.stroke();
  }

  _band(context, { low, high }) {
    const known = low.map((value, index) => (value === null || value === undefined ? -1 : index)).filter(index => index >= 0);
    context.beginPath();
    known.forEach(index => context.lineTo(this.#x(index), this.#y(high[index])));
    known.reverse().forEach(index => context.lineTo(this.#x(index), this.#y(low[index])));
    context.fill();
  }

  _bars(context, { values }) {
    const [from, to] = this.#visible();
    const width = Math.max(1, (this.#x(1) - this.#x(0)) * 0.7);
    for (let index = from; index < Math.min(to, values.length); index++) {
      if (values[index] !== null && values[index] !== undefined) {
        context.fillRect(this.#x(index) - width / 2, this.#y(0), width, this.#y(values[index]) - this.#y(0));
      }
    }
  }

  _marks(context, { values }) {
    const [from, to] = this.#visible();
    for (let index = from; index < Math.min(to, values.length); index++) {
      if (values[index] !== null && values[index] !== undefined) {
        context.beginPath();
        context.arc(this.#x(index), this.#y(values[index]), 5, 0, 7);
        context.fill();
      }
    }
  }

  #indexOf(event) {
    const share = (event.offsetX - left) / (this.#canvas.clientWidth - left - 8);
    return this.window.from + share * (this.window.to - this.window.from);
  }

  #listen() {
    const canvas = this.#canvas;
    let drag = null;
    canvas.addEventListener('wheel', event => {
      if (event.ctrlKey || event.altKey) {
        event.preventDefault();
        this.window.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.#indexOf(event));
      } else if (event.deltaX !== 0 || event.shiftKey) {
        event.preventDefault();
        this.window.pan((event.deltaX || event.deltaY) / canvas.clientWidth);
      }
    }, { passive: false });
    canvas.addEventListener('pointerdown', event => {
      drag = { x: event.clientX, from: this.window.from, to: this.window.to };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', event => {
      if (drag) {
        const by = (drag.x - event.clientX) / (canvas.clientWidth - left) * (drag.to - drag.from);
        this.window.show(drag.from + by, drag.to + by);
      }

      this.window.point(Math.max(0, Math.min(this.window.length - 1, Math.round(this.#indexOf(event)))));
    });
    canvas.addEventListener('pointerup', () => drag = null);
    canvas.addEventListener('pointercancel', () => drag = null);
    canvas.addEventListener('pointerleave', () => this.window.point(null));
    canvas.addEventListener('keydown', event => {
      const act = {
        ArrowLeft: () => this.window.point(Math.max(0, (this.window.hover ?? Math.round(this.window.from)) - 1)),
        ArrowRight: () => this.window.point(Math.min(this.window.length - 1, (this.window.hover ?? Math.round(this.window.from)) + 1)),
        PageUp: () => this.window.pan(-0.5),
        PageDown: () => this.window.pan(0.5),
        '+': () => this.window.zoom(0.8),
        '-': () => this.window.zoom(1.25),
        0: () => this.window.show(0, this.window.length),
      }[event.key];
      if (act) {
        event.preventDefault();
        act();
      }
    });
  }
}

// 1, 2 or 5 times a power of ten.
function nice(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].find(factor => factor * power >= step) * power;
}
