// The key that the server asks for, kept for as long as the tab is open.
import { h } from './dom.js';

export const key = () => sessionStorage.getItem('key');

// A link to the playground may bring a key after its #, which browsers send nowhere. It is taken out of the address at once.
export function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (given) {
    sessionStorage.setItem('key', given);
    history.replaceState(null, '', `${location.pathname}${location.search}`);
  }
}

// Asks for one.
export function keyForm() {
  const input = h('input', { id: 'key', type: 'password', autocomplete: 'off', required: true });
  return h('form', { class: 'bar', onsubmit: use },
    h('div', { class: 'field' }, h('label', { for: 'key' }, 'Key'), input),
    h('button', { type: 'submit' }, 'Use this key'));

  function use(event) {
    event.preventDefault();
    sessionStorage.setItem('key', input.value.trim());
    location.reload();
  }
}
