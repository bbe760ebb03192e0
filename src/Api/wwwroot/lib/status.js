// What goes on and what went wrong, in words.
import { h, fill } from './dom.js';
import { key, keyForm } from './key.js';

// An error as a person should read it.
export const failure = error => error.status === 401
  ? h('div', {}, h('p', { role: 'alert' }, `This server asks for a key${key() ? ', and does not know the one it was given' : ''}. Whoever runs it can give you one.`), keyForm())
  : complaint(error);

const complaint = error => h('p', { class: 'failure', role: 'alert' },
  h('strong', {}, 'That did not work. '), error.message, error.pointer ? h('code', {}, ` ${error.pointer}`) : null);

// A line that tells progress, and runs actions one at a time: an action that begins ends the one before.
export function activity() {
  const line = h('div', { class: 'status', role: 'status' });
  let current = null;
  return {
    line,
    stop: () => current?.abort(),
    tell: text => fill(line, text),
    // Runs an action that is given a signal; whether it came to its end.
    async run(action) {
      current?.abort();
      const mine = current = new AbortController();
      fill(line);
      try {
        await action(mine.signal);
        return true;
      } catch (error) {
        if (error.name !== 'AbortError') {
          fill(line, failure(error));
        }

        return false;
      } finally {
        if (current === mine) {
          current = null;
        }
      }
    },
  };
}
