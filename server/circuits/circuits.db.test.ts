import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExecutorServices, StepError } from '@/core/node/executor';
import { createCredential } from '@/server/credentials';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeInline } from '@/server/engine/inline';
import { readRunLog } from '@/server/engine/run-log';
import { queueRun, startTestWorker, storeWorkflow } from '@/server/engine/testing';
import { configureEvents } from '@/server/events';
import { Forbidden, Invalid, NotFound } from '@/server/lib/errors';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { CircuitBreaker, guardServices, listCircuits, resetCircuit, tripCircuit } from './index';

type Answer = { status: number } | StepError;
const url = 'https://api.example.com/x';
const signal = new AbortController().signal;

describe('circuit breakers', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  const breakers: CircuitBreaker[] = [];
  /** what the target does; counted by target */
  let answer: () => Promise<Answer> | Answer = () => ({ status: 200 });
  let calls = 0;
  const services = {
    http: {
      request: async () => {
        calls++;
        const given = await answer();
        if (given instanceof StepError) throw given;
        return { status: given.status, headers: {}, body: '', url };
      },
    },
    models: {
      generate: async () => {
        calls++;
        const given = await answer();
        if (given instanceof StepError) throw given;
        return { text: 'x', model: 'm', simulated: false, usage: { inputTokens: 1, outputTokens: 1 }, costUsd: 0 };
      },
    },
  } as unknown as ExecutorServices;

  /** A process of its own, as far as breakers are concerned. */
  async function startProcess(): Promise<ExecutorServices> {
    const breaker = new CircuitBreaker();
    await breaker.start();
    breakers.push(breaker);
    return guardServices(services, breaker);
  }
  const request = (of: ExecutorServices, more: { url?: string; credential?: string } = {}) =>
    of.http.request(tenant.organizationId, { method: 'GET', url, headers: {}, ...more }, signal).then(
      (a) => String(a.status),
      (e: StepError) => e.code,
    );
  const many = (of: ExecutorServices, n: number, more = {}) => Promise.all(Array.from({ length: n }, () => request(of, more)));
  const circuit = async (target = 'host:api.example.com') => (await listCircuits(tenant.ctx)).items.find((c) => c.target === target);
  const dueNow = () => database.sql(`UPDATE circuit SET until = now() - interval '1 s' WHERE organization_id = $1`, [tenant.organizationId]);
  const tellAll = () => database.sql('SELECT circuit_tell(c) FROM circuit c WHERE organization_id = $1', [tenant.organizationId]);

  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    tenant = await makeTenant();
    calls = 0;
    answer = () => ({ status: 200 });
  });
  afterAll(async () => {
    for (const breaker of breakers) await breaker.close();
    await closeEnginePool();
    await database.close();
  });

  it('open in every process when half of ten calls failed, whoever made them, and for that organization alone', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    await many(b, 5); // successes are told once the target is known to fail
    answer = () => ({ status: 503 });
    expect(await many(a, 4)).toEqual(['503', '503', '503', '503']);
    await expect
      .poll(() => circuit(), { timeout: 5_000 })
      .toMatchObject({ state: 'closed', calls: 9, failures: 4, lastError: { message: 'It answered 503.' } });
    answer = () => new StepError('timeout', 'too slow');
    expect(await request(b)).toBe('timeout');
    await expect.poll(() => circuit(), { timeout: 5_000 }).toMatchObject({ state: 'open', calls: 10, failures: 5 });
    await expect.poll(() => Promise.all([request(a), request(b)]), { timeout: 5_000 }).toEqual(['circuit_open', 'circuit_open']);
    const before = calls;
    const error = await a.http.request(tenant.organizationId, { method: 'GET', url, headers: {} }, signal).catch((e: StepError) => e);
    expect(error).toMatchObject({
      code: 'circuit_open',
      retryable: true,
      details: { target: 'host:api.example.com' },
      message: expect.stringMatching(/^Calls to api\.example\.com are stopped until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC .*too slow/),
    });
    const until = Date.parse(((error as StepError).details as { until: string }).until);
    expect(until).toBeGreaterThan(Date.now() + 20_000);
    expect(until).toBeLessThan(Date.now() + 34_000);
    expect(await request(a, { url: 'https://other.example.com/' })).toBe('timeout');
    expect(calls).toBe(before + 1);
    const other = await makeTenant();
    const foreign = await a.http.request(other.organizationId, { method: 'GET', url, headers: {} }, signal).catch((e: StepError) => e.code);
    expect(foreign).toBe('timeout');
    // a process that starts later knows too
    expect(await request(await startProcess())).toBe('circuit_open');
  });

  it('stay closed over answers that are the caller’s own fault, cancelled calls and few failures among many', async () => {
    const a = await startProcess();
    answer = () => ({ status: 404 });
    await many(a, 20);
    answer = () => new StepError('cancelled', 'The run was stopped.');
    await many(a, 20);
    answer = () => ({ status: 500 });
    await many(a, 9);
    await expect.poll(() => circuit(), { timeout: 5_000 }).toMatchObject({ state: 'closed', calls: 29, failures: 9 });
  });

  it('let exactly one call of all processes try when they are due; its success closes them everywhere', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    answer = () => ({ status: 500 });
    await many(a, 10);
    await expect.poll(() => circuit(), { timeout: 5_000 }).toMatchObject({ state: 'open' });
    await expect.poll(() => Promise.all([request(a), request(b)]), { timeout: 5_000 }).toEqual(['circuit_open', 'circuit_open']);
    await dueNow();
    await tellAll();
    calls = 0;
    let release: (a: Answer) => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const results: string[] = [];
    const all: Promise<unknown>[] = [];
    // until the processes have heard that it is due, 50 at a time
    await expect
      .poll(
        async () => {
          results.length = 0;
          all.push(...Array.from({ length: 50 }, (_, i) => request(i % 2 ? a : b).then((result) => results.push(result))));
          await new Promise((resolve) => setImmediate(resolve));
          await Promise.race([Promise.all(all), new Promise((resolve) => setTimeout(resolve, 500))]);
          return calls;
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    await expect.poll(() => results.length).toBe(49);
    expect([calls, new Set(results)]).toEqual([1, new Set(['circuit_open'])]);
    expect(await circuit()).toMatchObject({ state: 'half_open' });
    release({ status: 200 });
    await Promise.all(all);
    expect(results.at(-1)).toBe('200');
    answer = () => ({ status: 200 });
    await expect.poll(() => Promise.all([request(a), request(b)]), { timeout: 5_000 }).toEqual(['200', '200']);
    expect(await circuit()).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('open again for longer when the probe fails, and let another call probe when it said nothing or died', async () => {
    const a = await startProcess();
    answer = () => ({ status: 500 });
    await many(a, 10);
    await expect.poll(() => request(a), { timeout: 5_000 }).toBe('circuit_open');
    const probe = async (given: Answer) => {
      await dueNow();
      await tellAll();
      answer = () => given;
      calls = 0;
      await expect.poll(async () => (await request(a)) && calls, { timeout: 5_000 }).toBe(1);
    };
    await probe({ status: 502 });
    const { since, until } = (await circuit()) as { since: string; until: string };
    expect(Date.parse(until) - Date.now()).toBeGreaterThan(50_000);
    await probe(new StepError('cancelled', 'The run was stopped.'));
    expect(await circuit()).toMatchObject({ state: 'half_open', since });
    calls = 0;
    answer = () => ({ status: 200 });
    expect(await request(a)).toBe('200');
    expect(await circuit()).toMatchObject({ state: 'closed' });
  });

  it('of a credential count its own calls; too many requests of one key leave the host alone', async () => {
    const a = await startProcess();
    const { id } = await createCredential(tenant.ctx, { name: 'crm', kind: 'bearer', hosts: ['api.example.com'], token: 'sk-123456' });
    answer = () => ({ status: 429 });
    await many(a, 10, { credential: 'crm' });
    await expect.poll(() => circuit(`credential:${id}`), { timeout: 5_000 }).toMatchObject({ state: 'open', name: 'crm' });
    await expect.poll(() => request(a, { credential: id }), { timeout: 5_000 }).toBe('circuit_open');
    expect(await request(a)).toBe('429');
    await expect.poll(() => circuit(), { timeout: 5_000 }).toMatchObject({ state: 'closed', calls: 11, failures: 1 });
  });

  it('of a model stop calls to it, not to what is simulated', async () => {
    const a = await startProcess();
    answer = () => new StepError('model_error', 'The provider answered 500', { details: { status: 500 } });
    const ask = (model: string) => a.models.generate(tenant.organizationId, { model, prompt: 'x' }, signal).catch((e: StepError) => e.code);
    for (let i = 0; i < 10; i++) await ask('openai/gpt-5');
    await expect.poll(() => ask('openai/gpt-5'), { timeout: 5_000 }).toBe('circuit_open');
    for (let i = 0; i < 12; i++) expect(await ask('sandbox/default')).toBe('model_error');
    expect((await listCircuits(tenant.ctx)).items.map((c) => [c.target, c.state])).toEqual([['model:openai/gpt-5', 'open']]);
  });

  it('are opened and reset by people who may, which is audited and known everywhere', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const target = 'host:api.example.com';
    await configureEvents(tenant.ctx, { keepRunEvents: true });
    await expect(resetCircuit(tenant.ctx, { target })).rejects.toThrow(NotFound);
    for (const change of [resetCircuit, tripCircuit]) await expect(change(tenant.ctx, { target: 'host:\u0000' })).rejects.toThrow(Invalid);
    await expect(tripCircuit(tenant.contextAs('viewer'), { target })).rejects.toThrow(Forbidden);
    await tripCircuit(tenant.contextAs('operator'), { target, minutes: 10 });
    await expect.poll(() => Promise.all([request(a), request(b)]), { timeout: 5_000 }).toEqual(['circuit_open', 'circuit_open']);
    expect(await circuit()).toMatchObject({ state: 'open', tripped: true });
    await expect(resetCircuit(tenant.contextAs('viewer'), { target })).rejects.toThrow(Forbidden);
    await expect(resetCircuit((await makeTenant()).ctx, { target })).rejects.toThrow(NotFound);
    expect(await listCircuits(tenant.contextAs('viewer'))).toMatchObject({ items: [{ target }] });
    await resetCircuit(tenant.contextAs('operator'), { target });
    const events = await database.sql('SELECT type, subject FROM event WHERE organization_id = $1 ORDER BY id', [tenant.organizationId]);
    expect(events).toEqual([
      { type: 'circuit.opened', subject: target },
      { type: 'circuit.closed', subject: target },
    ]);
    await expect.poll(() => Promise.all([request(a), request(b)]), { timeout: 5_000 }).toEqual(['200', '200']);
    const audits = await database.sql(`SELECT action, target_id FROM audit_event WHERE organization_id = $1 AND target_type = 'circuit' ORDER BY id`, [
      tenant.organizationId,
    ]);
    expect(audits).toEqual([
      { action: 'circuit.trip', target_id: target },
      { action: 'circuit.reset', target_id: target },
    ]);
  });

  it('make a step fail at once, and its retry wait until its target is tried again', async () => {
    const worker = await startTestWorker(await startProcess());
    const awl = `
workflow:
  name: calls
  steps:
    - {id: call, uses: http, with: {url: "${url}"}, retry: {attempts: 2, delay: 10ms}}
`;
    const started = async () => queueRun(tenant, await storeWorkflow(database, tenant, awl));
    await tripCircuit(tenant.ctx, { target: 'host:api.example.com', minutes: 5 });
    await expect.poll(async () => request(await startProcess()), { timeout: 5_000 }).toBe('circuit_open');
    const runId = await started();
    await expect
      .poll(async () => (await readRunLog(tenant.organizationId, runId)).find((e) => e.type === 'step.failed'), { timeout: 10_000 })
      .toMatchObject({ error: { code: 'circuit_open', details: { target: 'host:api.example.com' } } });
    const failed = (await readRunLog(tenant.organizationId, runId)).find((e) => e.type === 'step.failed') as unknown as {
      retryAt: number;
      error: { details: { until: string } };
    };
    const until = Date.parse(failed.error.details.until);
    expect(failed.retryAt).toBeGreaterThanOrEqual(until);
    expect(until - Date.now()).toBeGreaterThan(250_000);
    await worker.stop(0);
    await closeInline();
  }, 20_000);
});
