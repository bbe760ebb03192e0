// A matrix over time, a column for each timestep and a row for each unit. Columns are painted once, a pixel for each number, into
// tiles; a frame only lays the visible tiles out, so thousands of timesteps scroll as smoothly as ten.
import { h } from './dom.js';
import { color, palette, shade } from './colors.js';

const tileWidth = 512;
const minCell = 1;
const maxCell = 32;

export class Heatmap {
  #canvas = h('canvas', { tabindex: '0', role: 'img' });
  #tiles = [];
  #rows = [];
  #units = 0;
  #cell = 8;                                               // CSS pixels of a timestep
  #from = 0;                                               // the first visible timestep, with a fraction
  #follows = true;                                         // the newest timestep
  #frame = 0;
  #colors = null;
  #marks = { unit: null, timestep: null };
  #drag = null;

  // onpoint(timestep, unit) and onpick(timestep, unit) tell what is pointed at and chosen.
  constructor({ label, height = 256, onpoint, onpick }) {
    this.#canvas.setAttribute('aria-label', `${label}. Arrow keys move, Enter chooses, plus and minus zoom.`);
    this.#canvas.height = height;
    this.height = height;
    this.onpoint = onpoint;
    this.onpick = onpick;
    this.element = h('div', { class: 'heatmap' }, this.#canvas);
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  get length() {
    return this.#rows.length;
  }

  // Shows rows [T][H] of numbers from low to high.
  show(rows, { low = -1, high = 1 } = {}) {
    Object.assign(this, { low, high });
    this.#rows = [];
    this.#tiles = [];
    this.#units = rows[0]?.length ?? 0;
    this.#from = 0;
    this.#follows = true;
    this.#colors = null;
    this.#cell = Math.max(minCell, Math.min(16, this.#canvas.clientWidth / Math.max(rows.length, 1)));
    this.add(rows);
  }

  // Goes on by some timesteps.
  add(rows) {
    for (const row of rows) {
      this.#units ||= row.length;
      this.#paint(row, this.#rows.push(row) - 1);
    }

    if (this.#follows) {
      this.#from = this.#last();
    }

    this.draw();
  }

  mark(unit, timestep = this.#marks.timestep) {
    this.#marks = { unit, timestep };
    this.draw();
  }

  repaint() {
    this.#colors = null;
    this.#tiles = [];
    this.#rows.forEach((row, timestep) => this.#paint(row, timestep));
    this.draw();
  }

  scrollTo(timestep) {
    this.#from = Math.max(0, Math.min(this.#last(), timestep));
    this.#follows = this.#from >= this.#last();
    this.draw();
  }

  zoom(factor, at = this.#canvas.clientWidth / 2) {
    const timestep = this.#from + at / this.#cell;
    this.#cell = Math.max(minCell, Math.min(maxCell, this.#cell * factor));
    this.scrollTo(timestep - at / this.#cell);
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#render();
    });
  }

  #last() {
    return Math.max(0, this.#rows.length - this.#canvas.clientWidth / this.#cell);
  }

  #paint(row, timestep) {
    this.#colors ??= palette(this.low < 0);
    const tile = this.#tiles[Math.floor(timestep / tileWidth)] ??= new OffscreenCanvas(tileWidth, this.#units).getContext('2d');
    const column = new ImageData(1, this.#units);
    for (let unit = 0; unit < this.#units; unit++) {
      const [red, green, blue] = this.#colors[shade(row[unit], this.low, this.high)];
      column.data.set([red, green, blue, 255], unit * 4);
    }

    tile.putImageData(column, timestep % tileWidth, 0);
  }

  #render() {
    const [canvas, scale] = [this.#canvas, devicePixelRatio];
    const [width, height] = [canvas.clientWidth, this.height];
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }

    const context = canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, width, height);
    const to = Math.min(this.#rows.length, this.#from + width / this.#cell);
    for (let index = Math.floor(this.#from / tileWidth); index * tileWidth < to; index++) {
      const begin = Math.max(this.#from, index * tileWidth);
      const end = Math.min(to, (index + 1) * tileWidth);
      context.drawImage(
        this.#tiles[index].canvas, begin - index * tileWidth, 0, end - begin, this.#units,
        (begin - this.#from) * this.#cell, 0, (end - begin) * this.#cell, height);
    }

    context.strokeStyle = color('ink');
    if (this.#marks.unit !== null && this.#units > 0) {
      const tall = height / this.#units;
      context.strokeRect(-1, this.#marks.unit * tall - 0.5, width + 2, Math.max(tall, 2) + 1);
    }

    if (this.#marks.timestep !== null) {
      context.strokeRect((this.#marks.timestep - this.#from) * this.#cell - 0.5, -1, Math.max(this.#cell, 2) + 1, height + 2);
    }
  }

  #placeOf(event) {
    const box = this.#canvas.getBoundingClientRect();
    const timestep = Math.floor(this.#from + (event.clientX - box.left) / this.#cell);
    const unit = Math.floor((event.clientY - box.top) / this.height * this.#units);
    return timestep >= 0 && timestep < this.#rows.length && unit >= 0 && unit < this.#units ? [timestep, unit] : null;
  }

  #listen() {
    const canvas = this.#canvas;
    canvas.addEventListener('wheel', event => {
      if (event.ctrlKey) {
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.25 : 0.8, event.offsetX);
      } else if (event.deltaX !== 0 || event.shiftKey) {
        event.preventDefault();
        this.scrollTo(this.#from + (event.deltaX || event.deltaY) / this.#cell);
      }
    }, { passive: false });
    canvas.addEventListener('pointerdown', event => this.#drag = { x: event.clientX, from: this.#from, moved: false });
    canvas.addEventListener('pointermove', event => {
      if (this.#drag && Math.abs(event.clientX - this.#drag.x) > 3) {
        this.#drag.moved = true;
        canvas.setPointerCapture(event.pointerId);
        this.scrollTo(this.#drag.from - (event.clientX - this.#drag.x) / this.#cell);
      } else if (this.#placeOf(event)) {
        this.onpoint?.(...this.#placeOf(event));
      }
    });
    canvas.addEventListener('pointerup', event => {
      if (!this.#drag?.moved && this.#placeOf(event)) {
        this.onpick?.(...this.#placeOf(event));
      }

      this.#drag = null;
    });
    canvas.addEventListener('pointercancel', () => this.#drag = null);
    canvas.addEventListener('keydown', event => {
      const unit = this.#marks.unit ?? 0;
      const timestep = this.#marks.timestep ?? 0;
      const moved = {
        ArrowUp: [timestep, unit - 1], ArrowDown: [timestep, unit + 1], ArrowLeft: [timestep - 1, unit], ArrowRight: [timestep + 1, unit],
        PageUp: [timestep, unit - 16], PageDown: [timestep, unit + 16], Home: [0, unit], End: [this.#rows.length - 1, unit], Enter: [timestep, unit],
      }[event.key];
      if (event.key === '+' || event.key === '-') {
        this.zoom(event.key === '+' ? 1.25 : 0.8);
      } else if (moved && this.#rows.length > 0) {
        event.preventDefault();
        const [t, u] = [Math.max(0, Math.min(this.#rows.length - 1, moved[0])), Math.max(0, Math.min(this.#units - 1, moved[1]))];
        if (t < this.#from || t >= this.#from + canvas.clientWidth / this.#cell) {
          this.scrollTo(t - canvas.clientWidth / this.#cell / 2);
        }

        this.onpick?.(t, u);
      }
    });
  }
}
