// Time series: what a model expects, what comes, how far off that is, and where it goes from here.
import { activity } from '../lib/status.js';
import { calendar, interval, short } from '../lib/calendar.js';
import { Chart, Window } from '../lib/chart.js';
import { field, modelSelect, modelsOf } from '../lib/models.js';
import { fill, h, number } from '../lib/dom.js';
import { parse } from '../lib/csv.js';
import { post, remove } from '../lib/api.js';
import { requestPanel } from '../lib/request.js';

const bundled = { air: 'data/air.csv', monitor: 'data/latency.csv' };
const levels = [0.05, 0.25, 0.75, 0.95];
const learning = 10;                                       // rows after which an anomaly is marked
const credits = {
  'data/air.csv': 'Fine dust in Beijing, February 2014 (UCI, CC BY 4.0).',
  'data/latency.csv': 'Latency of a web service that fails (Numenta Anomaly Benchmark, MIT).',
};

export async function show(place, query) {
  const { models, first } = await modelsOf('series', query);
  const { line, tell, run, stop } = activity();
  const request = requestPanel();
  const time = new Window();
  let model = first;
  let table = null;
  let seen = blank(0);
  let session = null;

  const text = h('textarea', { name: 'csv', rows: 4, spellcheck: 'false', placeholder: 'timestamp,value\n2026-01-01T00:00:00,20.4\n…', onchange: () => load(text.value, 'What you gave.') });
  const file = h('input', { type: 'file', accept: '.csv,text/csv,text/plain', onchange: async () => file.files[0] && load(await file.files[0].text(), file.files[0].name) });
  const source = h('p', { class: 'hint' });
  const halt = h('button', { type: 'button', onclick: stop, disabled: true }, 'Stop');
  const horizon = h('input', { name: 'horizon', type: 'number', min: 1, max: 500, value: 24 });
  const threshold = h('select', { name: 'threshold', onchange: draw }, [0.9, 0.99, 0.999, 0.9999].map(value => h('option', { value, selected: value === 0.99 }, value)));
  const form = h('form', { class: 'panel controls', onsubmit: event => { event.preventDefault(); watch(); }, ondragover: event => event.preventDefault(), ondrop: drop },
    field('Model', modelSelect(models, first, changeModel)),
    h('details', { class: 'field' }, h('summary', {}, 'Your own series'),
      field('Paste a table', text, 'A column of times, and one for each feature of the model. You may drop a file here.'), field('Or choose a file', file)),
    source,
    field('Hold back and forecast', horizon, 'So many rows at the end are kept from the model, to compare.'),
    field('Mark anomalies above', threshold, 'As long as the stream is as it was, 0.99 is passed once in a hundred rows.'),
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, 'Watch'), halt));

  const name = () => table?.columns.find(column => column.name === model.output.values[0].name)?.name ?? model.output.values[0].name;
  const unit = () => model.output.values[0].unit ?? '';
  const label = index => table?.times ? short(table.times[index] ?? '') : String(index + 1);
  const chart = new Chart({ label: 'Observed values, one-step predictions and the forecast', height: 320, window: time, time: label });
  const residuals = new Chart({ label: 'Residuals: what came less what was predicted', height: 120, window: time, time: label });
  const readout = h('output', { class: 'readout' }, ' ');
  const key = h('ul', { class: 'key' });
  const anomalies = h('div', { class: 'chips', role: 'group', 'aria-label': 'Anomalies' });
  const results = h('div', {},
    h('section', { class: 'panel' },
      h('div', { class: 'bar' }, key, h('div', { class: 'tabs', role: 'group', 'aria-label': 'Zoom' },
        h('button', { type: 'button', onclick: () => time.zoom(0.6), 'aria-label': 'Zoom in' }, '+'),
        h('button', { type: 'button', onclick: () => time.zoom(1 / 0.6), 'aria-label': 'Zoom out' }, '−'),
        h('button', { type: 'button', onclick: () => time.pan(-0.4), 'aria-label': 'Earlier' }, '←'),
        h('button', { type: 'button', onclick: () => time.pan(0.4), 'aria-label': 'Later' }, '→'),
        h('button', { type: 'button', onclick: () => time.show(0, time.length) }, 'All'))),
      chart.element, h('h3', {}, 'Residuals'), residuals.element, readout,
      h('p', { class: 'hint' }, 'Drag to move, Ctrl and wheel to zoom.')),
    h('section', { class: 'panel found' }, h('h2', {}, 'Anomalies'), anomalies));
  fill(place,
    h('h1', {}, 'Time series'),
    h('p', { class: 'lead' }, 'A session reads the series row by row. Before each it says what it expects; what comes is compared, and what is out of the ordinary is marked. At the end it forecasts what it has not seen.'),
    h('div', { class: 'split' }, form, h('div', {}, line, results)), request.panel);

  const tellPoint = () => {
    const index = time.hover;
    if (index !== null && index < (table?.length ?? 0)) {
      const values = [['observed', seen.observed[index] ?? seen.truth[index]], ['predicted', seen.predicted[index] ?? seen.median[index]], ['residual', seen.residuals[index]], ['anomaly', seen.anomaly[index]]];
      fill(readout, `${label(index)} · ${values.filter(([, value]) => value !== null).map(([what, value]) => `${what} ${number(value, 4)}`).join(' · ')}`);
    }
  };
  time.addEventListener('change', tellPoint);

  async function changeModel(next) {
    model = next;
    stop();
    forget();
    if (bundled[model.name]) {
      await run(async signal => load(await (await fetch(bundled[model.name], { signal })).text(), credits[bundled[model.name]]));
    } else {
      table = null;
      seen = blank(0);
      fill(source, `Give a table with the columns ${model.input.features.filter(feature => !feature.calendar).map(feature => feature.name).join(', ')}.`);
      draw();
    }
  }

  async function drop(event) {
    event.preventDefault();
    const [dropped] = event.dataTransfer.files;
    if (dropped) {
      load(await dropped.text(), dropped.name);
    }
  }

  function load(csv, told) {
    return run(async () => {
      table = parse(csv);
      const given = model.input.features.filter(feature => !feature.calendar);
      if (given.length === 1 && table.columns.length === 1) {
        table.columns[0].name = given[0].name;             // there is no doubt which is meant
      }

      const missing = given.filter(feature => !table.columns.some(column => column.name === feature.name));
      if (missing.length > 0) {
        table = null;
        throw new Error(`The table has no column ${missing.map(feature => feature.name).join(', ')}, which ${model.name} reads.`);
      }

      fill(source, `${number(table.length)} rows. ${told}`);
      seen = blank(table.length);
      seen.observed = [...columnOf(name())];
      time.show(0, table.length, table.length);
      draw();
    });
  }

  const columnOf = feature => table.columns.find(column => column.name === feature).values;

  // A row as the model reads it; a covariate that is missing as in the row before, the target as null.
  function row(index) {
    const targets = model.output.values.map(value => value.name);
    return model.input.features.map(feature => {
      if (feature.calendar) {
        return calendar(feature.calendar, table.times?.[index]);
      }

      const values = columnOf(feature.name);
      return targets.includes(feature.name) ? values[index] : values.slice(0, index + 1).findLast(value => value !== null) ?? null;
    });
  }

  async function watch() {
    if (!table) {
      return tell('Give a table first.');
    }

    await run(async signal => {
      halt.disabled = false;
      try {
        await observe(signal);
      } finally {
        halt.disabled = true;
      }
    });
  }

  async function observe(signal) {
    const ahead = Math.min(Number(horizon.value) || 0, table.length - 2);
    const end = table.length - ahead;
    forget();
    session = await post('/sessions', { model: model.name, version: model.version, timeToLive: 600, tags: ['playground'] }, { signal });
    seen = blank(table.length);
    seen.truth = columnOf(name()).map((value, index) => (index >= end ? value : null));
    time.show(0, table.length, table.length);
    let next = null;
    for (let index = 0; index < end; index++) {
      const values = row(index);
      const path = `/sessions/${session.id}/observe`;
      const reply = await post(path, { values }, { signal });
      request.show('POST', path, { values });
      seen.observed[index] = columnOf(name())[index];
      seen.predicted[index] = next?.values[0] ?? null;
      seen.lower[index] = next?.lower?.[0] ?? null;
      seen.upper[index] = next?.upper?.[0] ?? null;
      seen.residuals[index] = reply.comparison?.residuals[0] ?? null;
      seen.anomaly[index] = reply.comparison?.anomaly ?? null;
      next = reply.output;
      if (index % 8 === 0 || index === end - 1) {
        tell(`Watching: row ${index + 1} of ${end}`);
        draw();
      }
    }

    if (ahead > 0) {
      await forecast(end, ahead, signal);
    }

    tell(`Watched ${end} rows${ahead > 0 ? `, forecast ${ahead}` : ''}.`);
  }

  async function forecast(begin, ahead, signal) {
    const targets = model.output.values.map(value => value.name);
    const isDistribution = ['quantiles', 'gaussian'].includes(model.output.kind);
    const covariates = model.input.features.map((feature, index) => [feature, index]).filter(([feature]) => !feature.calendar && !targets.includes(feature.name));
    const body = { horizon: ahead, ...(isDistribution && { quantiles: levels, seed: 1 }) };
    if (covariates.length > 0) {
      body.future = Array.from({ length: ahead }, (_, step) => covariates.map(([, index]) => row(begin + step)[index]));
    }

    if (table.times) {
      Object.assign(body, { start: table.times[begin], interval: `PT${interval(table.times)}S` });
    }

    const path = `/sessions/${session.id}/forecast`;
    tell(`Forecasting ${ahead} rows …`);
    const reply = await post(path, body, { signal });
    request.show('POST', path, body);
    reply.forecasts[0].steps.forEach((step, offset) => {
      seen.median[begin + offset] = step.values[0];
      levels.forEach(level => (seen.fan[level][begin + offset] = step.quantiles?.[level]?.[0] ?? null));
    });
    draw();
  }

  function draw() {
    const marked = seen.anomaly.map((value, index) => (index >= learning && value !== null && value > Number(threshold.value) ? seen.observed[index] : null));
    chart.show([
      { kind: 'band', color: 'predicted', opacity: 0.18, low: seen.lower, high: seen.upper },
      { kind: 'band', color: 'forecast', opacity: 0.22, low: seen.fan[0.05], high: seen.fan[0.95] },
      { kind: 'band', color: 'forecast', opacity: 0.35, low: seen.fan[0.25], high: seen.fan[0.75] },
      { kind: 'line', color: 'truth', values: seen.truth, dash: [4, 3] },
      { kind: 'line', color: 'predicted', values: seen.predicted, width: 1 },
      { kind: 'line', color: 'observed', values: seen.observed },
      { kind: 'line', color: 'forecast', values: seen.median, width: 2.5 },
      { kind: 'marks', color: 'anomaly', values: marked },
    ]);
    residuals.show([{ kind: 'bars', color: 'predicted', values: seen.residuals }, { kind: 'bars', color: 'anomaly', values: seen.residuals.map((value, index) => (marked[index] === null || marked[index] === undefined ? null : value)) }]);
    fill(key, [['observed', `observed${unit() ? `, ${unit()}` : ''}`], ['predicted', 'predicted, a row ahead'], ['forecast', 'forecast, 50 % and 90 %'], ['truth', 'held back'], ['anomaly', 'anomaly']].map(([colour, what]) => h('li', { class: colour }, what)));
    const places = marked.flatMap((value, index) => (value === null ? [] : [index]));
    fill(anomalies, places.length === 0 ? h('p', { class: 'hint' }, seen.anomaly.some(value => value !== null) ? 'None above this threshold.' : 'Nothing has been watched yet.') : places.slice(-40).map(index =>
      h('button', { type: 'button', onclick: () => { time.show(index - 20, index + 20); time.point(index); } }, label(index), h('small', {}, ` ${number(seen.observed[index])}`))));
  }

  function forget() {
    if (session) {
      remove(`/sessions/${session.id}`).catch(() => {});
      session = null;
    }
  }

  const redraw = () => draw();
  addEventListener('themechange', redraw);
  await changeModel(first);
  return () => {
    stop();
    forget();
    removeEventListener('themechange', redraw);
  };
}

const blank = length => {
  const nothing = () => Array(length).fill(null);
  return {
    observed: nothing(), predicted: nothing(), lower: nothing(), upper: nothing(), residuals: nothing(), anomaly: nothing(),
    truth: nothing(), median: nothing(), fan: Object.fromEntries(levels.map(level => [level, nothing()])),
  };
};
