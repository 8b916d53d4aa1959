import { expect, it } from 'vitest';
import type { HttpService } from '@/core/node/executor';
import { testFaults, testStep } from '../test-step';

type Sent = Parameters<HttpService['request']>[1];
const answering = (status: number, body = 'no') => {
  const sent: Sent[] = [];
  const http: HttpService = {
    request: async (_, request) => {
      sent.push(request);
      return { status, headers: {}, body, url: request.url };
    },
  };
  return { sent, http };
};

it('waits for the call of its address', async () => {
  expect((await testStep('callback', {}, { path: 'pay[3]' })).result).toEqual({ wait: { kind: 'callback', signal: '$callback/pay[3]', details: {} } });
  // which try of the step itself it is does not count: whoever was asked in the first may answer in the second
  for (const [tryKey, signal] of [
    ['1.2', '$callback/pay[3]'],
    ['2.1', '$callback/pay[3]#2'],
  ])
    expect((await testStep('callback', {}, { path: 'pay[3]', tryKey })).result).toMatchObject({ wait: { signal } });
  expect((await testStep('callback', { timeout: '1s', on_timeout: 'continue' })).result).toMatchObject({
    wait: { until: 1_001_000, expiry: { output: null } },
  });
});
it('tells the other side first, under the key of the step', async () => {
  const { sent, http } = answering(202);
  const request = {
    url: 'https://a.example/jobs',
    headers: { 'X-Kind': 'big' },
    body: { notify: 'https://h.example/callbacks/T/step' },
    credential: 'partner',
  };
  const { result } = await testStep('callback', { request }, { services: { http } });
  expect(result).toMatchObject({ wait: { details: { asked: 'https://a.example/jobs', status: 202 } } });
  expect(sent[0]).toMatchObject({
    method: 'POST',
    url: request.url,
    credential: 'partner',
    body: JSON.stringify(request.body),
    headers: { 'idempotency-key': 'run/step', 'content-type': 'application/json', 'x-kind': 'big' },
  });
});
it('does not wait for what was refused', async () => {
  const request = { url: 'https://a.example/jobs' };
  await expect(testStep('callback', { request }, { services: answering(503) })).rejects.toMatchObject({ code: 'http_503', retryable: true });
  await expect(testStep('callback', { request }, { services: answering(400) })).rejects.toMatchObject({ code: 'http_400', retryable: false });
  const long = testStep('callback', { request }, { services: answering(400, `${'x'.repeat(1_999)}😀`) });
  await expect(long).rejects.toMatchObject({ details: { body: 'x'.repeat(1_999) } });
  expect(testFaults('callback', { request: { url: '', verb: 'POST' } })).toContain('request.url');
});
