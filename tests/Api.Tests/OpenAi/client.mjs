// OpenAI's own client against a server: node client.mjs <base URL> <case>. Prints what came of the case as JSON.
import OpenAI from 'openai';

const [baseURL, name] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none' });
const prompt = 'It is a truth universally';
const ask = { model: 'austen', prompt, max_tokens: 7, seed: 1 };

const chunksOf = async body => {
  const chunks = [];
  for await (const chunk of await client.completions.create({ ...body, stream: true })) chunks.push(chunk);
  return chunks;
};
const textOf = (chunks, index) =>
  chunks.flatMap(chunk => chunk.choices).filter(choice => choice.index === index).map(choice => choice.text).join('');
const refusal = async call => {
  try {
    return { answered: await call() };
  } catch (error) {
    const { status, type, param, code, requestID } = error;
    return { class: error.constructor.name, status, type, param, code, requestID };
  }
};

const cases = {
  models: async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids, one: await client.models.retrieve('austen') };
  },
  twice: async () => [await client.completions.create(ask), await client.completions.create(ask)],
  stream: async () => ({ whole: await client.completions.create(ask), chunks: await chunksOf(ask) }),
  lastLine: async () => {
    const response = await client.completions.create({ ...ask, stream: true }).asResponse();
    return { type: response.headers.get('content-type'), lines: (await response.text()).split('\n').filter(line => line) };
  },
  usage: () => chunksOf({ ...ask, stream_options: { include_usage: true } }),
  stop: async () => {
    const whole = (await client.completions.create({ ...ask, max_tokens: 40, temperature: 0 })).choices[0].text;
    const stop = whole.slice(10, 12);
    const body = { ...ask, max_tokens: 40, temperature: 0, stop: [stop] };
    const chunks = await chunksOf(body);
    return { whole, stop, stopped: (await client.completions.create(body)).choices[0], streamed: textOf(chunks, 0), last: chunks.at(-1).choices[0] };
  },
  several: async () => {
    const body = { ...ask, n: 2, max_tokens: 20 };
    const chunks = await chunksOf(body);
    return {
      whole: (await client.completions.create(body)).choices,
      texts: [textOf(chunks, 0), textOf(chunks, 1)],
      indexes: chunks.flatMap(chunk => chunk.choices).map(choice => choice.index),
    };
  },
  prompts: async () => {
    const body = { ...ask, prompt: ['Emma', 'Mr. Darcy'], n: 2 };
    const chunks = await chunksOf(body);
    return { whole: (await client.completions.create(body)).choices, texts: [0, 1, 2, 3].map(index => textOf(chunks, index)) };
  },
  logprobs: async () => (await client.completions.create({ ...ask, logprobs: 5, temperature: 2 })).choices[0],
  echo: async () => client.completions.create({ ...ask, echo: true, max_tokens: 0, logprobs: 1 }),
  bias: async () => {
    const greedy = { ...ask, temperature: 0, max_tokens: 1 };
    const first = async bias => (await client.completions.create({ ...greedy, logit_bias: bias })).choices[0].text;
    const tokens = (await (await fetch(new URL('/api/v1/models/austen', baseURL))).json()).input.vocabulary;
    const free = await first({});
    return { free, banned: await first({ [tokens.indexOf(free)]: -100 }), forced: await first({ [tokens.indexOf('7')]: 100 }) };
  },
  temperature: () => refusal(() => client.completions.create({ ...ask, temperature: 3 })),
  unknownModel: () => refusal(() => client.completions.create({ ...ask, model: 'gpt-4' })),
  suffix: () => refusal(() => client.completions.create({ ...ask, suffix: '.' })),
  leave: async () => {
    const traceparent = `00-${process.argv[4]}-00f067aa0ba902b7-01`;
    const stream = await client.completions.create({ ...ask, max_tokens: 1_000_000, stream: true }, { headers: { traceparent } });
    let told = 0;
    for await (const _ of stream) if (++told === 10) break;
    return { told, requestId: process.argv[4] };
  },
  embeddings: async () => ({
    usual: await client.embeddings.create({ model: 'names', input: ['Nakamura', 'Yamamoto'] }),
    float: await client.embeddings.create({ model: 'names', input: ['Nakamura', 'Yamamoto'], encoding_format: 'float' }),
  }),
};

console.log(JSON.stringify(await cases[name]()));
