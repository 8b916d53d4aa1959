import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '@/server/lib/egress';
import { createModelService } from './model-service';
import { simulatedLabel } from './sandbox-provider';

interface Seen {
  url: string;
  authorization?: string;
  body: {
    model: string;
    messages: { role: string; content: string }[];
    max_tokens?: number;
    temperature?: number;
    response_format?: { type: string; json_schema?: { schema: object } };
  };
}

let server: Server;
let base: string;
let http: Egress;
let seen: Seen[] = [];
/** what the fake provider answers, by the model's name */
const replies: Record<string, (res: import('node:http').ServerResponse) => void> = {
  'says-hello': (res) => res.end(JSON.stringify(completion('Hello there.'))),
  structured: (res) => res.end(JSON.stringify(completion('{"city": "Lima", "people": 10}'))),
  'wrong-shape': (res) => res.end(JSON.stringify(completion('{"city": 5}'))),
  'no-json': (res) => res.end(JSON.stringify(completion('Sure! Here is your JSON.'))),
  limited: (res) => res.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' }).end('{"error":{"message":"slow down"}}'),
  refused: (res) => res.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"bad key"}}'),
  hangs: () => undefined,
};
const completion = (content: string) => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
});

beforeAll(async () => {
  server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk) => {
      text += chunk;
    });
    req.on('end', () => {
      const body = JSON.parse(text) as Seen['body'];
      seen.push({ url: req.url ?? '', authorization: req.headers.authorization, body });
      res.setHeader('content-type', 'application/json');
      replies[body.model]?.(res);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  http = createEgress({ allow: ['127.0.0.0/8'], credentialHeaders: async () => ({ authorization: 'Bearer sk-test' }) });
});
afterAll(async () => {
  await http.close();
  server.closeAllConnections();
  server.close();
});

const settings = (async () => ({ kind: 'openai-compatible', settings: { baseUrl: base, inputPrice: 2, outputPrice: 8 } })) as never;
const service = (egress = http) => createModelService({ http: egress, settings });
const ask = (model: string, more: object = {}, signal = new AbortController().signal) => service().generate('org', { model, prompt: 'Hi', ...more }, signal);

describe('an OpenAI-compatible endpoint', () => {
  it('is called in its wire format, with the key added on the way out', async () => {
    seen = [];
    const answer = await ask('acme/says-hello', { system: 'Be kind.', temperature: 0.2, maxOutputTokens: 50 });
    expect(answer).toEqual({
      text: 'Hello there.',
      model: 'acme/says-hello',
      simulated: false,
      usage: { inputTokens: 1000, outputTokens: 500 },
      costUsd: 0.006,
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ url: '/v1/chat/completions', authorization: 'Bearer sk-test' });
    expect(seen[0]?.body).toMatchObject({ model: 'says-hello', max_tokens: 50, temperature: 0.2 });
    expect(seen[0]?.body.messages.map((m) => m.role)).toEqual(['system', 'user']);
  });
  const schema = { type: 'object', properties: { city: { type: 'string' }, people: { type: 'number' } }, required: ['city'] };
  it('answers with an object that fits the schema', async () => {
    seen = [];
    expect((await ask('acme/structured', { schema })).object).toEqual({ city: 'Lima', people: 10 });
    expect(seen[0]?.body.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
    await expect(ask('acme/wrong-shape', { schema })).rejects.toMatchObject({ code: 'schema_mismatch', retryable: true });
    const unusable = { type: 'object', properties: { city: { type: 'string', pattern: '(?<=x)' } } };
    await expect(ask('acme/structured', { schema: unusable })).rejects.toMatchObject({
      code: 'invalid_schema',
      retryable: false,
      message: expect.stringContaining('schema.properties.city.pattern'),
    });
    await expect(ask('acme/no-json', { schema })).rejects.toMatchObject({ code: 'schema_mismatch' });
  });
  it('is checked in bounded time, whatever the pattern of the schema', async () => {
    replies.evil = (res) => res.end(JSON.stringify(completion(JSON.stringify({ city: `${'a'.repeat(50)}!` }))));
    const start = performance.now();
    const schema = { type: 'object', properties: { city: { type: 'string', pattern: '^(a+)+$' } } };
    await expect(ask('acme/evil', { schema })).rejects.toMatchObject({ code: 'schema_mismatch' });
    expect(performance.now() - start).toBeLessThan(5_000);
  });
  it('fails clearly, once, and says whether another try may help', async () => {
    seen = [];
    await expect(ask('acme/limited')).rejects.toMatchObject({ code: 'model_error', retryable: true, message: expect.stringContaining('slow down') });
    await expect(ask('acme/refused')).rejects.toMatchObject({ code: 'model_error', retryable: false });
    expect(seen).toHaveLength(2);
    await expect(ask('nonsense')).rejects.toMatchObject({ code: 'unknown_model' });
    await expect(ask('sandbox/gpt')).rejects.toMatchObject({ code: 'unknown_model' });
  });
  it('obeys the egress rules and cancelling', async () => {
    const strict = createEgress({ credentialHeaders: async () => ({ authorization: 'Bearer sk-test' }) });
    seen = [];
    await expect(service(strict).generate('org', { model: 'acme/says-hello', prompt: 'Hi' }, new AbortController().signal)).rejects.toMatchObject({
      code: 'egress_denied',
    });
    expect(seen).toEqual([]);
    await strict.close();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('cancelled')), 30);
    await expect(ask('acme/hangs', {}, stop.signal)).rejects.toThrow('cancelled');
  });
});

describe('the sandbox provider', () => {
  const prompt = `What is said about coffee?\n\nBrazil (Trade): Coffee is the main export of Brazil. The capital has wide streets.\nKenya (Economy): Tea and coffee earn most foreign exchange. The coast is warm all year.`;
  it('is deterministic, labelled, and picks from the given text', async () => {
    const first = await ask('sandbox/default', { prompt });
    expect(first).toEqual(await ask('sandbox/default', { prompt }));
    expect(first).toMatchObject({ simulated: true, costUsd: 0, model: 'sandbox/default' });
    expect(first.text.startsWith(simulatedLabel)).toBe(true);
    expect(first.text).toContain('- Brazil (Trade): Coffee is the main export of Brazil.');
    expect(first.text).toContain('- Kenya (Economy): Tea and coffee earn most foreign exchange.');
    expect(first.usage.inputTokens).toBeGreaterThan(40);
    expect(first.usage.outputTokens).toBeGreaterThan(20);
  });
  it('describes data', async () => {
    const { text } = await ask('sandbox/default', {
      prompt: `Analyse.\n\n${JSON.stringify(
        {
          total: 3,
          orders: [
            { id: 'a', price: 2 },
            { id: 'b', price: 4 },
          ],
        },
        null,
        1,
      )}`,
    });
    expect(text).toContain('total: 3');
    expect(text).toContain('price in orders: from 2 to 4, 3 on average');
  });
  it('fits structured answers to their schema', async () => {
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string', maxLength: 20 },
        mood: { enum: ['sad', 'warm'] },
        score: { type: 'integer', minimum: 1, maximum: 5 },
        tags: { type: 'array', items: { type: 'string' }, minItems: 2 },
        nested: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
      },
      required: ['title', 'mood', 'score', 'tags', 'nested'],
      additionalProperties: false,
    };
    const { object } = await ask('sandbox/default', { prompt, schema });
    expect(object).toMatchObject({ mood: 'warm', nested: { ok: expect.any(Boolean) } });
  });
  it.each(['', ' ', '\n\n\n', '[', '{"a":', '\u0000', '😀'.repeat(100), 'a'.repeat(300_000)])('survives the prompt %#', async (odd) => {
    const { text } = await ask('sandbox/default', { prompt: odd });
    expect(text.startsWith(simulatedLabel)).toBe(true);
  });
  it('ends where it is told to', async () => {
    const { text } = await ask('sandbox/default', { prompt, maxOutputTokens: 45 });
    expect(text.length).toBeLessThanOrEqual(180);
  });
});
