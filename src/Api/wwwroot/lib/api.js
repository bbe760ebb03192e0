// Talks to the server that the page came from.
import { key } from './key.js';

const root = 'api/v1';

// What the server says is wrong (RFC 9457), in its words.
export class Problem extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
    this.pointer = problem?.errors?.[0]?.pointer;
  }
}

export const get = (path, options) => call('GET', path, undefined, options);
export const post = (path, body, options) => call('POST', path, body, options);
export const remove = path => call('DELETE', path);

// Replies with JSON, or with the bytes if they are asked for.
export async function call(method, path, body, { signal, accept } = {}) {
  const response = await send(method, path, body, signal, accept);
  return accept ? await response.arrayBuffer() : response.status === 204 ? null : await response.json();
}

// The events of a stream.
export async function* stream(path, body, signal) {
  const response = await send('POST', path, { ...body, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }

    const events = (rest + value).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const data = JSON.parse(event.split('\n').filter(line => line.startsWith('data:')).map(line => line.slice(5)).join('\n'));
      if (data.error) {
        throw new Problem(200, { detail: data.error });
      }

      yield data;
    }
  }
}

async function send(method, path, body, signal, accept) {
  const isBytes = body instanceof ArrayBuffer;
  let response;
  try {
    response = await fetch(`${root}${path}`, {
      method,
      signal,
      headers: {
        ...(body !== undefined && { 'Content-Type': isBytes ? 'application/octet-stream' : 'application/json' }),
        ...(accept && { Accept: accept }),
        ...(key() && { Authorization: `Bearer ${key()}` }),
      },
      body: body === undefined || isBytes ? body : JSON.stringify(body),
    });
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Problem(0, { detail: 'The server can’t be reached.' });
  }

  if (response.ok) {
    return response;
  }

  throw new Problem(response.status, await response.json().catch(() => null));
}
