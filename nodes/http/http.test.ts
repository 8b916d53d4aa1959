import { describe, expect, it } from 'vitest';
import type { HttpService } from '@/core/node/executor';
import { testStep } from '../test-step';
import definition from './definition';

type Sent = Parameters<HttpService['request']>[1];
function fake(answer: { status?: number; body?: string; type?: string } = {}) {
  const sent: Sent[] = [];
  const http: HttpService = {
    request: async (_organizationId, request) => {
      sent.push(request);
      return { status: answer.status ?? 200, headers: { 'content-type': answer.type ?? 'application/json' }, body: answer.body ?? '{"a":1}', url: request.url };
    },
  };
  return { sent, services: { http } };
}

describe('http', () => {
  it('sends what it is told, with the step’s idempotency key', async () => {
    const { sent, services } = fake();
    await testStep(
      'http',
      { method: 'POST', url: 'https://a.test/x?y=1', query: { q: 'ä b', n: 2 }, headers: { 'X-A': '1' }, body: { b: 1 }, credential: 'crm', maxMegabytes: 1 },
      { services },
    );
    expect(sent[0]).toEqual({
      method: 'POST',
      url: 'https://a.test/x?y=1&q=%C3%A4+b&n=2',
      headers: { accept: '*/*', 'user-agent': 'Heddle', 'x-a': '1', 'content-type': 'application/json', 'idempotency-key': 'run/step' },
      body: '{"b":1}',
      maxBytes: 1024 * 1024,
      followRedirects: true,
      credential: 'crm',
    });
  });
  it('sends text as it is, and no body with GET', async () => {
    const { sent, services } = fake();
    await testStep('http', { method: 'PUT', url: 'https://a.test', body: 'plain', headers: { 'content-type': 'text/csv' } }, { services });
    await testStep('http', { url: 'https://a.test', body: { x: 1 } }, { services });
    expect(sent[0]).toMatchObject({ body: 'plain', headers: { 'content-type': 'text/csv' } });
    expect(sent[1]?.body).toBeUndefined();
    expect(sent[1]?.headers['idempotency-key']).toBeUndefined();
  });
  it.each<[object, object, unknown]>([
    [{ body: '{"a":1}' }, {}, { a: 1 }],
    [{ body: '{"a":1}', type: 'application/problem+json; charset=utf-8' }, {}, { a: 1 }],
    [{ body: '{"a":1}', type: 'text/plain' }, {}, '{"a":1}'],
    [{ body: '{"a":1}', type: 'text/plain' }, { parse: 'json' }, { a: 1 }],
    [{ body: '{"a":1}' }, { parse: 'text' }, '{"a":1}'],
    [{ body: 'broken' }, {}, 'broken'],
    [{ body: '' }, {}, null],
  ])('reads %j with %j', async (answer, config, body) => {
    expect((await testStep('http', { url: 'https://a.test', ...config }, fake(answer))).output).toMatchObject({ status: 200, body });
  });
  it('fails by status, and says whether another try may help', async () => {
    for (const [status, retryable] of [
      [400, false],
      [404, false],
      [408, true],
      [429, true],
      [500, true],
      [503, true],
    ] as const) {
      await expect(testStep('http', { url: 'https://a.test' }, fake({ status }))).rejects.toMatchObject({
        code: `http_${status}`,
        retryable,
        details: { status },
      });
    }
    expect((await testStep('http', { url: 'https://a.test', failOnError: false }, fake({ status: 404 }))).output).toMatchObject({ status: 404 });
    await expect(testStep('http', { url: 'https://a.test', parse: 'json' }, fake({ body: '<html>' }))).rejects.toMatchObject({ code: 'invalid_json' });
    await expect(testStep('http', { url: 'a.test/x' }, fake())).rejects.toMatchObject({ code: 'invalid_url', retryable: false });
  });
  it('says what it calls', () =>
    expect(definition.subtitle?.({ method: 'GET', url: 'https://api.example.com/orders?x=1' })).toBe('GET api.example.com/orders'));
});
