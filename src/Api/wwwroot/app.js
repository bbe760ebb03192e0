// The frame of the playground: which view is shown, and in which theme. A view is a module of views/, loaded when it is first opened.
import { h, fill } from './lib/dom.js';
import { takeKey } from './lib/key.js';
import { failure } from './lib/status.js';

const views = {
  models: 'Models',
  text: 'Text',
  series: 'Time series',
  labels: 'Labels',
  attention: 'Attention',
  sessions: 'Sessions',
};
const main = document.getElementById('view');
const nav = document.querySelector('nav');
let leave = null;
let opened = 0;

nav.append(...Object.entries(views).map(([name, title]) => h('a', { href: `#/${name}` }, title)));

async function open() {
  takeKey();
  if (opened > 0 && location.hash && !location.hash.startsWith('#/')) {
    return;                                                // a link within the page, which is there already
  }

  const [path, query] = location.hash.slice(2).split('?');
  const name = path in views ? path : 'models';
  const turn = ++opened;
  leave?.();
  leave = null;
  document.title = `${views[name]} · Rnn playground`;
  for (const link of nav.children) {
    if (link.hash === `#/${name}`) {
      link.setAttribute('aria-current', 'page');
      link.scrollIntoView({ block: 'nearest', inline: 'center' });
    } else {
      link.removeAttribute('aria-current');
    }
  }

  const place = h('div');
  try {
    const view = await import(`./views/${name}.js`);
    const leaves = await view.show(place, new URLSearchParams(query));
    if (turn !== opened) {
      return leaves?.();
    }

    leave = leaves;
  } catch (error) {
    fill(place, failure(error));
  }

  if (turn === opened) {
    fill(main, place);
    main.dataset.view = name;
  }
}

const theme = document.getElementById('theme');
const themes = { auto: '◐ Auto', light: '☀ Light', dark: '☾ Dark' };

function name() {
  const choice = localStorage.getItem('theme') ?? 'auto';
  theme.textContent = themes[choice];
  theme.setAttribute('aria-label', `Theme: ${choice}`);
}

theme.addEventListener('click', () => {
  const names = Object.keys(themes);
  localStorage.setItem('theme', names[(names.indexOf(localStorage.getItem('theme') ?? 'auto') + 1) % names.length]);
  dispatchEvent(new Event('themechoice'));
});
addEventListener('themechange', name);
name();
addEventListener('hashchange', open);
open();
