import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeLarge } from '@/server/blobs';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeInline } from '@/server/engine/inline';
import { type Behaviour, queueRun, startTestWorker, storeWorkflow, testServices } from '@/server/engine/testing';
import type { Worker } from '@/server/engine/worker';
import { Forbidden, Invalid, NotFound } from '@/server/lib/errors';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { retryRun, retryRuns } from '@/server/runs';
import { countDeadLetters, deadLetterTotals, discardDeadLetters, getDeadLetter, listDeadLetters, retryDeadLetters } from '.';

let database: TestDatabase;
let tenant: TestTenant;
let other: TestTenant;
let worker: Worker;
let broken = true;
const charge: Behaviour = ({ data }) => {
  if (broken) throw new Error('the bank does not answer');
  return { charged: data };
};
const services = testServices({ charge, prepare: () => ({ amount: 7 }) });
let ids: { workflowId: string; versionId: string };

beforeAll(async () => {
  database = await testDatabase();
  [tenant, other] = [await makeTenant(), await makeTenant()];
  worker = await startTestWorker(services);
  ids = await storeWorkflow(
    database,
    tenant,
    'workflow: {name: payments, steps: [{id: prepare, uses: code, with: {source: prepare}}, {id: charge, uses: code, depends_on: [prepare], with: {source: charge}, retry: {attempts: 1, backoff: fixed, delay: 1ms}}]}',
  );
});
beforeEach(async () => {
  broken = true;
  await database.sql('DELETE FROM dead_letter');
});
afterAll(async () => {
  await worker.stop(0);
  await closeInline();
  await closeNotifications();
  await closeEnginePool();
  await database.close();
});

/** Runs that exhaust their retries, oldest first. */
async function fail(n: number): Promise<string[]> {
  const runs: string[] = [];
  for (let i = 0; i < n; i++) {
    const runId = await queueRun(tenant, ids, { order: i });
    expect(await waitForRun(tenant.organizationId, runId, 10_000)).toBe(true);
    runs.push(runId);
  }
  return runs;
}

describe('a run whose retries are exhausted', () => {
  it('is a dead letter with its whole context', async () => {
    const [runId] = await fail(1);
    const { items } = await listDeadLetters(tenant.contextAs('viewer'));
    expect(items).toMatchObject([{ runId, workflow: { id: ids.workflowId }, version: 1, step: 'charge', attempts: 2, reason: 'exhausted', status: 'open' }]);
    expect(await countDeadLetters(tenant.ctx)).toEqual({ open: 1, more: false });
    const letter = await getDeadLetter(tenant.ctx, { id: items[0]?.id ?? '' });
    expect(letter.run).toMatchObject({ status: 'failed', input: { order: 0 }, error: { step: 'charge' } });
    expect(letter.stepInput).not.toBeNull();
    expect(letter.failures.map((f) => f.attempt)).toEqual([1, 2]);
    expect(letter.tail.map((e) => e.type)).toEqual(expect.arrayContaining(['run.started', 'step.succeeded', 'step.failed', 'run.failed']));
    expect((await deadLetterTotals()).exhausted).toBeGreaterThan(0);
  });

  it('shows what the step was given, and why it failed, when that lies in the blob store', async () => {
    const [runId] = await fail(1);
    const stored = [
      ['step.started', { attempt: 2, input: { text: 'x'.repeat(300_000) } }],
      ['step.failed', { attempt: 2, startedAt: 1, error: { code: 'large', message: 'x'.repeat(300_000) } }],
    ] as const;
    for (const [type, data] of stored) {
      const reference = await storeLarge(tenant.organizationId, JSON.stringify(data), runId);
      await database.sql(`UPDATE run_event SET data = $3 WHERE run_id = $1 AND type = $2 AND data LIKE '{"attempt":2,%'`, [runId, type, reference]);
    }
    const { stepInput, failures, tail } = await getDeadLetter(tenant.ctx, { id: (await listDeadLetters(tenant.ctx)).items[0]?.id ?? '' });
    expect(stepInput).toEqual({ text: 'x'.repeat(300_000) });
    expect(failures.map((f) => [f.attempt, f.error.code])).toEqual([
      [1, expect.any(String)],
      [2, 'large'],
    ]);
    expect(tail.filter((e) => e.type === 'step.failed').map((e) => e.attempt)).toEqual([1, 2]);
  });

  it('is found by text, workflow, reason and run, in pages', async () => {
    const runs = await fail(3);
    const found = async (input: Parameters<typeof listDeadLetters>[1]) => (await listDeadLetters(tenant.ctx, input)).items.map((i) => i.runId);
    expect(await found({ q: 'CHARGE' })).toEqual([...runs].reverse());
    expect(await found({ q: runs[1] })).toEqual([runs[1]]);
    expect(await found({ q: 'payments', reason: 'poisoned' })).toEqual([]);
    expect(await found({ q: '100%' })).toEqual([]);
    expect(await found({ workflowId: uuid() })).toEqual([]);
    const first = await listDeadLetters(tenant.ctx, { limit: 2 });
    expect(await found({ limit: 2, cursor: first.nextCursor })).toEqual([runs[0]]);
  });

  it('is retried from the failed step, once, however often it is asked', async () => {
    const runs = await fail(2);
    const prepared = services.calls.get('prepare');
    broken = false;
    const answers = await Promise.all([retryDeadLetters(tenant.ctx, { filter: { q: 'charge' } }), retryDeadLetters(tenant.ctx, { filter: {} })]);
    const made = new Set(answers.flatMap((a) => a.retried.map((r) => r.runId)));
    expect(made.size).toBe(2);
    for (const runId of made) {
      await waitForRun(tenant.organizationId, runId, 10_000);
      expect(await database.sql('SELECT status, parent_run_id AS parent FROM run WHERE id = $1', [runId])).toMatchObject([
        { status: 'succeeded', parent: expect.any(String) },
      ]);
    }
    expect(services.calls.get('prepare')).toBe(prepared); // its checkpoint was kept
    expect(await countDeadLetters(tenant.ctx)).toEqual({ open: 0, more: false });
    const { items } = await listDeadLetters(tenant.ctx, { status: 'retried' });
    expect(items.map((i) => i.runId)).toEqual([...runs].reverse());
    expect(items[0]).toMatchObject({ resolvedBy: 'Test owner', retryRunId: expect.any(String) });
    expect(await database.sql(`SELECT 1 FROM audit_event WHERE action = 'dead-letter.retry'`)).toHaveLength(2);
  });

  it('is settled by whoever retries its run elsewhere', async () => {
    const [one = '', two = ''] = await fail(2);
    broken = false;
    const { runId } = await retryRun(tenant.ctx, { runId: one });
    expect(await retryRuns(tenant.ctx, { ids: [two] })).toMatchObject({ done: 1 });
    expect(await countDeadLetters(tenant.ctx)).toEqual({ open: 0, more: false });
    const { items } = await listDeadLetters(tenant.ctx, { status: 'retried' });
    expect(items.find((i) => i.runId === one)).toMatchObject({ resolvedBy: 'Test owner', resolvedAt: expect.anything(), retryRunId: runId });
    expect((await retryDeadLetters(tenant.ctx, { filter: {} })).retried).toEqual([]);
    await waitForRun(tenant.organizationId, runId, 10_000);
  });

  it('goes on where a retry died between the run and its note', async () => {
    const [runId] = await fail(1);
    const letter = (await listDeadLetters(tenant.ctx)).items[0]?.id ?? '';
    broken = false;
    const first = await retryDeadLetters(tenant.ctx, { ids: [letter] });
    await database.sql(`UPDATE dead_letter SET status = 'open' WHERE run_id = $1`, [runId]);
    expect((await retryDeadLetters(tenant.ctx, { ids: [letter] })).retried).toEqual(first.retried);
    await waitForRun(tenant.organizationId, first.retried[0]?.runId ?? '', 10_000);
  });

  it('stays, and says why, when its run is gone', async () => {
    const [runId] = await fail(1);
    await database.sql('DELETE FROM run WHERE id = $1', [runId]);
    const answer = await retryDeadLetters(tenant.ctx, { filter: {} });
    expect(answer).toMatchObject({ retried: [], failed: [{ message: 'This run does not exist.' }], remaining: 0 });
    const [letter] = (await listDeadLetters(tenant.ctx)).items;
    expect((await getDeadLetter(tenant.ctx, { id: letter?.id ?? '' })).run).toBeNull();
  });

  it('is discarded, at most a hundred a call', async () => {
    await fail(1);
    await database.sql(
      `INSERT INTO dead_letter (organization_id, id, run_id, workflow_id, version_id, code, message, attempts, reason)
       SELECT organization_id, gen_random_uuid(), gen_random_uuid(), workflow_id, version_id, code, message, 3, reason FROM dead_letter, generate_series(1, 119)`,
    );
    const first = await discardDeadLetters(tenant.ctx, { filter: {} });
    expect([first.discarded.length, first.remaining]).toEqual([100, 20]);
    expect(await discardDeadLetters(tenant.ctx, { filter: {} })).toMatchObject({ remaining: 0 });
    expect(await countDeadLetters(tenant.ctx)).toMatchObject({ open: 0 });
  });
});

it('refuses viewers, strangers, and a choice that is none', async () => {
  await fail(1);
  const id = (await listDeadLetters(tenant.ctx)).items[0]?.id ?? '';
  const viewer = tenant.contextAs('viewer');
  for (const verb of [retryDeadLetters, discardDeadLetters]) {
    await expect(verb(viewer, { ids: [id] })).rejects.toBeInstanceOf(Forbidden);
    await expect(verb(tenant.ctx, {})).rejects.toBeInstanceOf(Invalid);
    await expect(verb(tenant.ctx, { ids: [id], filter: {} })).rejects.toBeInstanceOf(Invalid);
    expect(await verb(other.ctx, { ids: [id] })).toMatchObject({ remaining: 0 });
  }
  await expect(getDeadLetter(other.ctx, { id })).rejects.toBeInstanceOf(NotFound);
  expect(await listDeadLetters(other.ctx)).toMatchObject({ items: [] });
  expect(await countDeadLetters(tenant.ctx)).toMatchObject({ open: 1 });
});
