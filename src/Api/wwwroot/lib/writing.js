// A text that a session writes, with what the network computed at each of its tokens. It can be branched at any of them.
import { get, post, remove, stream } from './api.js';

const historyBytes = 1 << 20;                              // what a server keeps of a session if not told otherwise
const seconds = 600;

export class Writing {
  tokens = [];                                             // { text, token, probability, top, prompt }
  rows = [];                                               // the hidden state of the layer at each
  branchedAt = null;

  constructor(model, session) {
    this.model = model;
    this.session = session;
  }

  static async begin(model, signal) {
    const body = { model: model.name, version: model.version, timeToLive: seconds, tags: ['playground'] };
    const history = Math.min(1_000, Math.floor(historyBytes / (model.stateSize * 4 + 128)) - 8);
    try {
      return new Writing(model, await post('/sessions', { ...body, history: Math.max(0, history) }, { signal }));
    } catch (error) {
      if (error.pointer !== '/history') {
        throw error;
      }

      return new Writing(model, await post('/sessions', body, { signal }));
    }
  }

  // Another that goes on after the first tokens of this one: a fork of its session, if that is still kept there.
  async branch(length, signal) {
    const { earliestStep } = await get(`/sessions/${this.session.id}`, { signal });
    let other;
    if (earliestStep !== undefined && length >= earliestStep) {
      other = new Writing(this.model, await post(`/sessions/${this.session.id}/fork`, { step: length, tags: ['playground'] }, { signal }));
    } else {
      other = await Writing.begin(this.model, signal);
      if (length > 0) {
        await post(`/sessions/${other.session.id}/sequence`, { tokens: this.tokens.slice(0, length).map(token => token.token), top: 1 }, { signal });
      }
    }

    other.tokens = this.tokens.slice(0, length);
    other.rows = this.rows.slice(0, length);
    other.branchedAt = length;
    return other;
  }

  // The request that goes on.
  request(options, layer) {
    return {
      path: `/sessions/${this.session.id}/generate`,
      body: { ...options, echo: true, logProbabilities: 8, stream: true, trace: { parts: ['hidden'], layers: [layer] } },
    };
  }

  // Goes on, and tells of each token that has come; how it ended, at last.
  async *go(options, layer, signal) {
    const { path, body } = this.request(options, layer);
    let prompt = options.text?.length > 0;
    for await (const event of stream(path, body, signal)) {
      if (event.finish) {
        return event;
      }

      prompt &&= event.probability === undefined;
      this.tokens.push({ text: event.text, token: event.token, probability: event.probability ?? (event.logProbability === undefined ? null : Math.exp(event.logProbability)), top: event.top ?? [], prompt });
      const rows = event.trace?.layers[0]?.hidden ?? [];
      this.rows.push(...rows);
      yield { token: this.tokens.at(-1), rows };
    }
  }

  end() {
    remove(`/sessions/${this.session.id}`).catch(() => {});
  }
}
