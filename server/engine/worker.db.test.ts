import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromTheStart } from '@/core/engine/checkpoints-to-keep';
import { StepError } from '@/core/node/executor';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { enqueueRun, sendToRun } from '@/server/queue/enqueue';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { CommitLog } from './commit-log';
import { closeInline, runInline } from './inline';
import { readRunLog } from './run-log';
import { type Behaviour, queueRun, startTestWorker, storeWorkflow, testServices } from './testing';
import type { Worker } from './worker';

let database: TestDatabase;
let tenant: TestTenant;
const workers: Worker[] = [];

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
});
afterAll(async () => {
  await Promise.all(workers.map((w) => w.stop(0)));
  await closeInline();
  await closeNotifications();
  await closeEnginePool();
  await database.close();
});

interface RunRow {
  status: string;
  output: string | null;
  error: string | null;
}
async function finished(runId: string, ms = 15_000) {
  expect(await waitForRun(tenant.organizationId, runId, ms)).toBe(true);
  const [row] = await database.sql<RunRow>('SELECT status, output, error FROM run WHERE id = $1', [runId]);
  return { status: row?.status, output: row?.output && JSON.parse(row.output), error: row?.error && JSON.parse(row.error) };
}
async function execute(awl: string, behaviours: Record<string, Behaviour> = {}, input = {}) {
  const services = testServices(behaviours);
  const worker = await startTestWorker(services);
  try {
    const runId = await queueRun(tenant, await storeWorkflow(database, tenant, awl), input);
    return { runId, services, ...(await finished(runId)) };
  } finally {
    await worker.stop(0);
  }
}
const steps = async (runId: string) => (await readRunLog(tenant.organizationId, runId)).map((e) => ('path' in e ? `${e.path} ${e.type}` : e.type));

describe('a run', () => {
  it('follows branches, skips what is not taken and joins', async () => {
    const run = await execute(
      `
workflow:
  name: branches
  steps:
    - {id: check, uses: condition, with: {if: "input.n > 3"}}
    - {id: big, uses: transform, depends_on: [check.true], with: {value: "big {{ input.n }}"}}
    - {id: small, uses: transform, depends_on: [check.false], with: {value: small}}
    - {id: join, uses: transform, depends_on: [big, small], with: {value: {was: "{{ data }}"}}}
`,
      {},
      { n: 5 },
    );
    expect(run).toMatchObject({ status: 'succeeded', output: { was: 'big 5' } });
    expect(await steps(run.runId)).toContain('small step.skipped');
  });

  it('retries with backoff, and fails with the place when retries are exhausted', async () => {
    const awl = (retry: number) => `
workflow:
  name: retries
  steps:
    - {id: flaky, uses: code, with: {source: flaky}, retry: {attempts: ${retry}, backoff: fixed, delay: 20ms}}
`;
    const flaky: Behaviour = ({ count }) => {
      if (count < 3) throw new Error('connection reset');
      return count;
    };
    expect(await execute(awl(2), { flaky })).toMatchObject({ status: 'succeeded', output: 3 });
    const failed = await execute(awl(1), { flaky });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'internal', step: 'flaky' } });
    expect(failed.services.calls.get('flaky')).toBe(2);
  });

  it('goes on as on_error says', async () => {
    const run = await execute(
      `
workflow:
  name: recovery
  steps:
    - {id: a, uses: code, with: {source: none}, on_error: continue}
    - {id: b, uses: code, with: {source: none}, on_error: {fallback: {spare: true}}}
    - {id: c, uses: code, with: {source: none}, on_error: {goto: alert}}
    - {id: never, uses: pass, depends_on: [c]}
    - {id: alert, uses: transform, with: {value: "{{ steps.c.error.code }}"}}
  output: {a: "{{ steps.a.error.code }}", b: "{{ steps.b.output.spare }}", alert: "{{ steps.alert.output }}", never: "{{ steps.never.status }}"}
`,
    );
    expect(run).toMatchObject({ status: 'succeeded', output: { a: 'no_behaviour', b: true, alert: 'no_behaviour', never: 'skipped' } });
  });

  it('stops a step at its time limit and a run at its own', async () => {
    const hang: Behaviour = () => new Promise(() => {});
    const step = await execute('workflow: {name: slow, steps: [{id: hang, uses: code, timeout: 100ms, with: {source: hang}}]}', { hang });
    expect(step).toMatchObject({ status: 'failed', error: { code: 'timeout', step: 'hang' } });
    const run = await execute('workflow: {name: slow, settings: {timeout: 150ms}, steps: [{id: hang, uses: code, with: {source: hang}}]}', { hang });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    expect(await steps(run.runId)).toContain('hang step.cancelled');
  });

  it('gives its place back while it waits, and goes on when the time has come', async () => {
    const services = testServices();
    const worker = await startTestWorker(services);
    workers.push(worker);
    const ids = await storeWorkflow(
      database,
      tenant,
      'workflow: {name: wait, steps: [{id: nap, uses: delay, with: {for: 2s}}, {id: after, depends_on: [nap]}]}',
    );
    const runId = await queueRun(tenant, ids, { x: 1 });
    await expect.poll(async () => (await database.sql<RunRow>('SELECT status FROM run WHERE id = $1', [runId]))[0]?.status, { timeout: 5_000 }).toBe('waiting');
    await expect.poll(async () => (await database.sql<{ state: number }>('SELECT state FROM run_queue WHERE run_id = $1', [runId]))[0]?.state).toBe(3);
    expect(await finished(runId)).toMatchObject({ status: 'succeeded', output: { x: 1 } });
    await expect.poll(async () => (await database.sql('SELECT 1 FROM run_queue WHERE run_id = $1', [runId])).length).toBe(0);
    await worker.stop(0);
  });

  it('is cancelled within a second, running or still queued', async () => {
    let aborted = false;
    const hang: Behaviour = ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        }),
      );
    const services = testServices({ hang });
    const ids = await storeWorkflow(database, tenant, 'workflow: {name: cancel, steps: [{id: hang, uses: code, with: {source: hang}}]}');
    const cancel = (id: string) => withTenant(tenant.organizationId, (tx) => sendToRun(tx, tenant.organizationId, id, 'cancel'));
    const queued = await queueRun(tenant, ids);
    await cancel(queued);
    const worker = await startTestWorker(services);
    expect(await finished(queued)).toMatchObject({ status: 'cancelled' });
    expect(services.calls.get('hang')).toBeUndefined();
    const running = await queueRun(tenant, ids);
    await expect.poll(() => services.calls.get('hang')).toBe(1);
    await cancel(running);
    expect(await finished(running, 2_000)).toMatchObject({ status: 'cancelled' });
    expect(aborted).toBe(true);
    await worker.stop(0);
  });

  it('is taken over when its worker dies, and no checkpointed step runs again', async () => {
    let release: (value: string) => void = () => {};
    const first = testServices({ once: () => 'first', hang: () => new Promise(() => {}) });
    const second = testServices({
      once: () => 'second',
      hang: () =>
        new Promise<string>((resolve) => {
          release = resolve;
        }),
    }); // prettier-ignore
    const ids = await storeWorkflow(
      database,
      tenant,
      'workflow: {name: crash, steps: [{id: one, uses: code, with: {source: once}}, {id: two, uses: code, depends_on: [one], with: {source: hang}}], output: "{{ steps.one.output }} {{ steps.two.output }}"}',
    );
    let lost = false;
    const dying = await startTestWorker(first, () => {
      lost = true;
    });
    const runId = await queueRun(tenant, ids);
    await expect.poll(() => first.calls.get('hang'), { timeout: 5_000 }).toBe(1);
    await database.sql(`UPDATE queue_worker SET started_at = now() - interval '1 minute'`);
    await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle worker' AND datname = current_database()`);
    await expect.poll(() => lost).toBe(true);
    const heir = await startTestWorker(second);
    await expect.poll(() => second.calls.get('hang'), { timeout: 5_000 }).toBe(1);
    release('done');
    expect(await finished(runId)).toMatchObject({ status: 'succeeded', output: 'first done' });
    expect(second.calls.get('once')).toBeUndefined();
    await heir.stop(0);
    await dying.stop(0);
  });

  it('fails with the reason when its workflow cannot be compiled any more', async () => {
    const ids = await storeWorkflow(database, tenant, 'workflow: {name: gone, steps: [{id: a, uses: log, with: {message: x}}]}');
    await database.sql(`UPDATE workflow_version SET definition = replace(definition::text, '"log"', '"gone"')::json WHERE id = $1`, [ids.versionId]);
    const worker = await startTestWorker(testServices());
    const run = await finished(await queueRun(tenant, ids));
    expect(run).toMatchObject({ status: 'failed', error: { code: 'invalid_workflow', message: expect.stringContaining('gone') } });
    await worker.stop(0);
  });
});

describe('an inline run', () => {
  it('is saved whole before it answers', async () => {
    const ids = await storeWorkflow(
      database,
      tenant,
      'workflow: {name: inline, steps: [{id: t, uses: transform, with: {value: {sum: "{{ input.a + input.b }}"}}}, {id: r, uses: respond, depends_on: [t], with: {status: 201, body: "{{ data }}"}}]}',
    );
    const result = await runInline({ organizationId: tenant.organizationId, ...ids, trigger: 'webhook', input: { a: 1, b: 2 } });
    expect(result).toMatchObject({ handedOver: false, status: 'succeeded', respond: { status: 201, body: { sum: 3 } } });
    expect((await database.sql<RunRow>('SELECT status FROM run WHERE id = $1', [result.runId]))[0]?.status).toBe('succeeded');
    expect(await steps(result.runId)).toEqual(['run.started', 't step.succeeded', 'r step.succeeded', 'run.succeeded']);
  });

  it('goes on in a worker at its first task step, with its checkpoints', async () => {
    const services = testServices({ work: () => 'worked' });
    const worker = await startTestWorker(services);
    const ids = await storeWorkflow(
      database,
      tenant,
      'workflow: {name: hand, steps: [{id: t, uses: transform, with: {value: 7}}, {id: c, uses: code, depends_on: [t], with: {source: work}}]}',
    );
    const result = await runInline({ organizationId: tenant.organizationId, ...ids, trigger: 'webhook', input: {} });
    expect(result.handedOver).toBe(true);
    expect(await finished(result.runId)).toMatchObject({ status: 'succeeded', output: 'worked' });
    expect((await steps(result.runId)).filter((s) => s === 't step.succeeded')).toHaveLength(1);
    await worker.stop(0);
  });
});

describe('a retry', () => {
  const awl =
    'workflow: {name: again, steps: [{id: one, uses: code, with: {source: one}}, {id: two, uses: code, depends_on: [one], with: {source: two}}], output: "{{ steps.one.output }} {{ steps.two.output }}"}';
  async function ended(behaviours: Record<string, Behaviour>) {
    const services = testServices(behaviours);
    const worker = await startTestWorker(services);
    const ids = await storeWorkflow(database, tenant, awl);
    const first = await queueRun(tenant, ids, { n: 1 });
    await finished(first);
    const retry = async (input: object, retryFrom?: string) => {
      const run = { organizationId: tenant.organizationId, ...ids, trigger: 'retry' as const, input: input as never, parentRunId: first, retryFrom };
      const runId = await withTenant(tenant.organizationId, (tx) => enqueueRun(tx, run));
      return { runId, ...(await finished(runId)) };
    };
    return { services, retry, stop: () => worker.stop(0) };
  }

  it('goes on from where the run failed, and starts over when told', async () => {
    let fail = true;
    const { services, retry, stop } = await ended({
      one: ({ count }) => `one${count}`,
      two: () => {
        if (fail) throw new StepError('boom', 'not yet', { retryable: false });
        return 'two';
      },
    });
    fail = false;
    expect(await retry({ n: 1 }, 'two')).toMatchObject({ status: 'succeeded', output: 'one1 two' });
    expect(services.calls.get('one')).toBe(1);
    const over = await retry({ n: 2 }, fromTheStart);
    expect(over).toMatchObject({ status: 'succeeded', output: 'one2 two' });
    expect((await readRunLog(tenant.organizationId, over.runId))[0]).toMatchObject({ type: 'run.started', attempt: 2 });
    await stop();
  });
});

describe('several workers', () => {
  it('share a backlog: none idles beside it', async () => {
    const slow: Behaviour = () => new Promise((resolve) => setTimeout(() => resolve(1), 100));
    const services = [testServices({ slow }), testServices({ slow })];
    const pair = await Promise.all(services.map((s) => startTestWorker(s, undefined, 5)));
    const ids = await storeWorkflow(database, tenant, 'workflow: {name: many, steps: [{id: a, uses: code, with: {source: slow}}]}');
    const runs = await Promise.all(Array.from({ length: 60 }, () => queueRun(tenant, ids)));
    for (const runId of runs) expect(await finished(runId)).toEqual({ status: 'succeeded', output: 1, error: null });
    const counts = services.map((s) => s.calls.get('slow') ?? 0);
    expect(counts[0]).toBeGreaterThan(10);
    expect(counts[1]).toBeGreaterThan(10);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(60);
    await expect.poll(async () => (await database.sql<{ running: number }>('SELECT sum(running)::int AS running FROM queue_tenant'))[0]?.running).toBe(0);
    await Promise.all(pair.map((w) => w.stop(0)));
  });
});

describe('a batch of commits', () => {
  it('leaves a run as the last of its commits says', async () => {
    const ids = await storeWorkflow(database, tenant, 'workflow: {name: batch, steps: [{id: a}]}');
    const log = new CommitLog();
    const runs = await Promise.all(Array.from({ length: 30 }, () => queueRun(tenant, ids)));
    const update = (status: 'running' | 'waiting' | 'succeeded') => ({ status, output: '', error: '', costUsd: 0, startedAt: 1, finishedAt: undefined });
    await Promise.all(
      runs.flatMap((runId) =>
        (['running', 'waiting', 'succeeded'] as const).map((status) =>
          log.append({ organizationId: tenant.organizationId, runId, events: [], update: update(status) }),
        ),
      ),
    );
    expect(log.counts.flushes).toBeLessThan(10);
    const rows = await database.sql<RunRow>('SELECT DISTINCT status FROM run WHERE id = ANY($1::uuid[])', [runs]);
    expect(rows).toEqual([{ status: 'succeeded' }]);
    await database.sql('DELETE FROM run_queue WHERE run_id = ANY($1::uuid[])', [runs]);
    await log.close();
  });
});

describe('a commit that the database refuses', () => {
  it('fails its own run alone, and what the run wrote after it is not written', async () => {
    const log = new CommitLog();
    const [a, b] = [uuid(), uuid()];
    const event = (runId: string, seq: number, type = 'run.started') => ({
      organizationId: tenant.organizationId,
      runId,
      events: [{ seq, type, path: '', at: Date.now(), data: '{}' }],
    });
    const bad = event(a, 'not a number' as never);
    const results = await Promise.allSettled([log.append(bad), log.append(event(b, 1)), log.append(event(a, 2))]);
    const late = await Promise.allSettled([log.append(event(b, 2))]);
    expect([...results, ...late].map((r) => r.status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await readRunLog(tenant.organizationId, a)).toEqual([]);
    await log.close();
  });
});
