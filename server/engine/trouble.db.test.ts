import { describe, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { withTenant } from '@/server/db/transaction';
import { enqueueRun, sendToRun } from '@/server/queue/enqueue';
import { engineSuite, queueRun, storeWorkflow } from './testing';

const { suite, ended, start, run, log, mail, status } = engineSuite();
const { behaviours, services } = suite;

describe('what goes wrong', () => {
  it('is a clear error of its run: an output too large, a step that ignores its abort', async () => {
    behaviours.huge = () => 'x'.repeat(10_500_000);
    expect(await run('steps: [{id: a, uses: code, with: {source: huge}}]')).toMatchObject({
      status: 'failed',
      error: { code: 'output_too_large', step: 'a', message: expect.stringContaining('11 MB') },
    });
    expect(await run('steps: [{id: a, uses: code, with: {source: huge}, on_error: {fallback: 1}}]')).toMatchObject({ status: 'succeeded', output: 1 });
    behaviours.deaf = () => new Promise(() => {});
    expect(await run('steps: [{id: a, uses: code, timeout: 100ms, with: {source: deaf}}]')).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    const id = await start('steps: [{id: a, uses: code, with: {source: deaf}}]');
    await expect.poll(() => services.calls.get('deaf'), { timeout: 5_000 }).toBe(2);
    await mail(id, 'cancel');
    expect(await ended(id, 2_000)).toMatchObject({ status: 'cancelled' });
  });

  it('ends a container at its time limit, with what is in it', async () => {
    const steps =
      'steps: [{id: each, uses: for-each, timeout: 150ms, with: {items: [1, 2, 3], concurrency: 2}, steps: [{id: t, uses: code, with: {source: deaf}}]}]';
    const id = await start(steps);
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'timeout', step: 'each' } });
    expect((await log(id)).filter((e) => e === 't[0] step.cancelled' || e === 't[1] step.cancelled')).toHaveLength(2);
  });

  it('goes on with a large checkpoint after its worker is gone', async () => {
    const large = 'y'.repeat(400_000);
    behaviours.large = () => large;
    const id = await start(
      'steps: [{id: a, uses: code, with: {source: large}}, {id: go, uses: signal, depends_on: [a], with: {name: go}}], output: "{{ size(steps.a.output) }}"',
    );
    await expect.poll(() => status(id), { timeout: 10_000 }).toBe('waiting');
    const [row] = await suite.database.sql<{ n: number }>('SELECT max(octet_length(data)) AS n FROM run_event WHERE run_id = $1', [id]);
    expect(row?.n).toBeLessThan(2_000);
    await mail(id, 'signal', { name: 'go' });
    expect(await ended(id)).toMatchObject({ status: 'succeeded', output: 400_000 });
    expect(services.calls.get('large')).toBe(1);
  });
});

describe('undoing', () => {
  const saga = (last: string) =>
    `settings: {compensate: true, timeout: 60s}, steps: [{id: book, uses: code, with: {source: book}, compensate: unbook}, {id: unbook, uses: code, with: {source: slowUndo}}, {id: pay, uses: code, depends_on: [book], with: {source: pay}, compensate: refund}, {id: refund, uses: code, with: {source: slowUndo}}, ${last}]`;
  const undos: { started: number; ended: number } = { started: 0, ended: 0 };
  const release: (() => void)[] = [];

  it('is neither cut short by another cancel nor done twice after a pause', async () => {
    behaviours.hang = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    behaviours.book = () => 'b';
    behaviours.pay = () => 'p';
    behaviours.slowUndo = () =>
      new Promise((resolve) => {
        undos.started++;
        release.push(() => {
          undos.ended++;
          resolve('undone');
        });
      });
    const before = services.calls.get('hang') ?? 0;
    const id = await start(saga('{id: hang, uses: code, depends_on: [pay], with: {source: hang}}'));
    await expect.poll(() => services.calls.get('hang'), { timeout: 5_000 }).toBe(before + 1);
    await mail(id, 'cancel');
    await expect.poll(() => undos.started, { timeout: 5_000 }).toBe(1);
    await mail(id, 'cancel');
    await mail(id, 'pause');
    await mail(id, 'resume');
    await expect.poll(async () => (await log(id)).filter((e) => e.startsWith('run.')).length, { timeout: 5_000 }).toBeGreaterThanOrEqual(5);
    expect(undos.started).toBe(1);
    release.splice(0).map((go) => go());
    await expect.poll(() => undos.started, { timeout: 5_000 }).toBe(2);
    release.splice(0).map((go) => go());
    expect(await ended(id)).toMatchObject({ status: 'cancelled' });
    expect((await log(id)).filter((e) => e.endsWith('step.succeeded'))).toEqual(['book', 'pay', 'refund', 'unbook'].map((s) => `${s} step.succeeded`));
  });

  it('goes on when a paused run is cancelled, and a retry does again what was undone', async () => {
    const books = services.calls.get('book') ?? 0;
    behaviours.ship = ({ count }) => {
      if (count === 1) throw new StepError('no', 'not shipped', { retryable: false });
      return 'shipped';
    };
    behaviours.slowUndo = () => 'undone';
    const ids = await storeWorkflow(
      suite.database,
      suite.tenant,
      `workflow: {name: test, ${saga('{id: ship, uses: code, depends_on: [pay], with: {source: ship}}')}}`,
    );
    const first = await queueRun(suite.tenant, ids);
    expect(await ended(first)).toMatchObject({ status: 'failed', error: { code: 'no', details: { undone: ['pay', 'book'] } } });
    const retry = await withTenant(suite.tenant.organizationId, (tx) =>
      enqueueRun(tx, { organizationId: suite.tenant.organizationId, ...ids, trigger: 'retry', input: {}, parentRunId: first, retryFrom: 'ship' }),
    );
    expect(await ended(retry)).toMatchObject({ status: 'succeeded', output: 'shipped' });
    expect(services.calls.get('book')).toBe(books + 2);

    const paused = await start(saga('{id: go, uses: signal, depends_on: [pay], with: {name: go}}'));
    await expect.poll(() => status(paused), { timeout: 5_000 }).toBe('waiting');
    await mail(paused, 'pause');
    await expect
      .poll(async () => (await suite.database.sql('SELECT paused_at IS NOT NULL AS p FROM run WHERE id = $1', [paused]))[0], { timeout: 5_000 })
      .toEqual({ p: true });
    await mail(paused, 'cancel');
    expect(await ended(paused)).toMatchObject({ status: 'cancelled' });
    expect(await log(paused)).toContain('unbook step.succeeded');
    expect((await suite.database.sql('SELECT paused_at FROM run WHERE id = $1', [paused]))[0]).toEqual({ paused_at: null });
  });
});

describe('undoing after a step that takes no time', () => {
  it('is not cut short by the end that was due', async () => {
    behaviours.book = () => 'b';
    behaviours.unbook = () => 'undone';
    const steps =
      'steps: [{id: book, uses: code, with: {source: book}, compensate: unbook}, {id: unbook, uses: code, with: {source: unbook}}, {id: check, uses: transform, depends_on: [book], with: {value: "{{ input.none.at.all }}"}, on_error: compensate}]';
    const id = await start(steps);
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'expression', step: 'check', details: { undone: ['book'] } } });
    expect(await log(id)).toContain('unbook step.succeeded');
  });
});

describe('a mail that comes again', () => {
  it('leaves the inbox and changes nothing', async () => {
    const id = await start('steps: [{id: a, uses: signal, with: {name: a}}, {id: b, uses: signal, depends_on: [a], with: {name: b}}]');
    await expect.poll(() => status(id), { timeout: 5_000 }).toBe('waiting');
    const again = '019a0000-0000-7000-8000-000000000001';
    const send = () => withTenant(suite.tenant.organizationId, (tx) => sendToRun(tx, suite.tenant.organizationId, id, 'signal', { name: 'a', data: 1 }, again));
    const inbox = async () => (await suite.database.sql('SELECT 1 FROM run_inbox WHERE run_id = $1', [id])).length;
    await send();
    await expect.poll(async () => (await log(id)).includes('b step.waiting'), { timeout: 5_000 }).toBe(true);
    await expect.poll(inbox).toBe(0);
    await send();
    await expect.poll(inbox, { timeout: 5_000 }).toBe(0);
    expect((await log(id)).filter((e) => e === 'signal.received')).toHaveLength(1);
    await mail(id, 'cancel');
    expect(await ended(id)).toMatchObject({ status: 'cancelled' });
  });
});

describe('a loop that is tried again', () => {
  it('does its steps anew, with a try of their own', async () => {
    const tries: string[] = [];
    behaviours.second = ({ count, data }) => {
      tries.push(`${data}`);
      if (count === 2) throw new StepError('once', 'not this time', { retryable: false });
      return data;
    };
    const each =
      '{id: each, uses: for-each, retry: {attempts: 1, delay: 5ms}, with: {items: [1, 2, 3], concurrency: 2}, steps: [{id: t, uses: code, with: {source: second}}]}';
    expect(await run(`steps: [${each}]`)).toMatchObject({ status: 'succeeded', output: [1, 2, 3] });
    expect(tries.length).toBeGreaterThanOrEqual(5);
  });
});

describe('an output that is nested too deep', () => {
  it('is an error of its step, and a fault inside the engine one of its run: neither hangs', async () => {
    const nested = 'x'
      .repeat(300)
      .split('')
      .reduce<Json>((inner) => ({ a: inner }), '} [ " \\');
    behaviours.nested = () => nested;
    expect(await run('steps: [{id: a, uses: code, with: {source: nested}}]')).toMatchObject({
      status: 'failed',
      error: { code: 'output_too_deep', step: 'a' },
    });
    behaviours.flat = () => ({ text: `{[{[${'['.repeat(1_000)}` });
    expect(await run('steps: [{id: a, uses: code, with: {source: flat}}]')).toMatchObject({ status: 'succeeded' });
    // settings that cannot be written as JSON
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    behaviours.cyclic = () => cyclic as Json;
    expect(await run('steps: [{id: a, uses: code, with: {source: cyclic}}]')).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });
});
