import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import { parseAwl, toAwlDocument } from '@/core/workflow/awl';
import type { Json } from '@/core/workflow/workflow';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeInline } from '@/server/engine/inline';
import { readRunLog } from '@/server/engine/run-log';
import { queueRun, startTestWorker, storeWorkflow, testServices } from '@/server/engine/testing';
import { Conflict, Forbidden, Invalid, NotFound } from '@/server/lib/errors';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { cancelRun, cancelRuns, forkRun, getRun, listRuns, pauseRun, previewRerun, replayRun, rerunRun, resumeRun, retryRun, retryRuns } from './index';

const chain = (last = 'c', more = '') => `
workflow:
  name: chain
  steps:
    - {id: a, uses: code, with: {source: a}}
    - {id: b, uses: code, with: {source: b}, depends_on: [a]}
    - {id: side, uses: code, with: {source: side}}
    - {id: c, uses: code, with: {source: ${last}}, depends_on: [b]}
    - {id: sum, uses: transform, depends_on: [c, side], with: {value: {c: "{{ steps.c.output }}", b: "{{ steps.b.output }}", n: "{{ input.n }}"}}}
    ${more}
`;
const waits = `
workflow:
  name: waits
  steps:
    - {id: a, uses: code, with: {source: a}}
    - {id: rest, uses: delay, depends_on: [a], with: {for: 1h}}
    - {id: b, uses: code, with: {source: b}, depends_on: [rest]}
`;

describe('control of runs', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let broken = false;
  let release: () => void = () => {};
  const services = testServices({
    a: ({ count }) => `a${count}`,
    b: ({ count, data }) => `${data}>b${count}`,
    side: ({ count }) => `s${count}`,
    c: ({ count, data }) => {
      if (broken) throw new StepError('fell', 'the sky fell on c', { retryable: false });
      return `${data}>c${count}`;
    },
    c2: ({ count, data }) => `${data}>new${count}`,
    slow: () =>
      new Promise<Json>((resolve) => {
        release = () => resolve('slow');
      }),
  });
  let worker: Awaited<ReturnType<typeof startTestWorker>>;

  beforeAll(async () => {
    database = await testDatabase();
    worker = await startTestWorker(services);
  });
  beforeEach(async () => {
    tenant = await makeTenant();
    services.calls.clear();
    broken = false;
  });
  afterAll(async () => {
    await worker.stop(0);
    await closeInline();
    await closeNotifications();
    await closeEnginePool();
    await database.close();
  });

  const ended = async (runId: string) => {
    expect(await waitForRun(tenant.organizationId, runId, 15_000)).toBe(true);
    return getRun(tenant.ctx, { runId });
  };
  const start = async (awl: string, input: Json = { n: 1 }) => queueRun(tenant, await storeWorkflow(database, tenant, awl), input);
  const status = async (runId: string) => (await getRun(tenant.ctx, { runId })).status;
  /** Publishes a second version of a run's workflow. */
  async function publishNext(runId: string, awl: string): Promise<void> {
    const parsed = parseAwl(awl);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { workflow } = await getRun(tenant.ctx, { runId });
    const versionId = uuid();
    await database.sql(`INSERT INTO workflow_version (organization_id, id, workflow_id, number, definition, hash) VALUES ($1, $2, $3, 2, $4, 'y')`, [
      tenant.organizationId,
      versionId,
      workflow.id,
      JSON.stringify(toAwlDocument(parsed.workflow)),
    ]);
    await database.sql('UPDATE workflow SET current_version_id = $3 WHERE organization_id = $1 AND id = $2', [tenant.organizationId, workflow.id, versionId]);
  }

  it('re-runs from a step with another input and other results of earlier steps; what was done before it is done once', async () => {
    const first = await start(chain());
    expect(await ended(first)).toMatchObject({ status: 'succeeded', output: { c: 'a1>b1>c1', b: 'a1>b1', n: 1 } });
    await expect(rerunRun(tenant.contextAs('viewer'), { runId: first, from: 'c' })).rejects.toThrow(Forbidden);
    const again = await rerunRun(tenant.ctx, { runId: first, from: 'c', input: { n: 2 }, outputs: { b: 'edited' } });
    expect(again).toMatchObject({ kept: ['a', 'b', 'side'], again: ['c', 'sum'] });
    const run = await ended(again.runId);
    expect(run).toMatchObject({
      status: 'succeeded',
      parentRunId: first,
      retryFrom: 'c',
      output: { c: 'edited>c2', b: 'edited', n: 2 },
      fork: { kind: 'rerun', edited: ['b'] },
    });
    expect(Object.fromEntries(services.calls)).toEqual({ a: 1, b: 1, side: 1, c: 2 });
    // its log is like any other: the next one can be made from it
    const third = await rerunRun(tenant.ctx, { runId: again.runId, from: 'sum' });
    expect((await ended(third.runId)).output).toEqual({ c: 'edited>c2', b: 'edited', n: 2 });
    expect((await readRunLog(tenant.organizationId, third.runId))[0]).toMatchObject({ type: 'run.started', attempt: 3 });
    for (const [from, outputs] of [
      ['nowhere', {}],
      ['c', { sum: 1 }],
      ['c', { c: 1 }],
      ['c', { nowhere: 1 }],
    ] as const) {
      await expect(rerunRun(tenant.ctx, { runId: first, from, outputs })).rejects.toThrow(Invalid);
    }
    const [row] = await database.sql(`SELECT details FROM audit_event WHERE organization_id = $1 AND action = 'run.rerun' ORDER BY id LIMIT 1`, [
      tenant.organizationId,
    ]);
    expect(row).toEqual({ details: { runId: again.runId, from: 'c', version: 1, input: true, outputs: ['b'] } });
  });

  it('goes on after a step that failed, with a result given by hand', async () => {
    broken = true;
    const first = await start(chain());
    expect(await ended(first)).toMatchObject({ status: 'failed', error: { code: 'fell', step: 'c' } });
    const again = await rerunRun(tenant.ctx, { runId: first, from: 'sum', outputs: { c: 'by hand' } });
    expect(again).toMatchObject({ kept: ['a', 'b', 'side', 'c'], again: ['sum'] });
    expect((await ended(again.runId)).output).toMatchObject({ c: 'by hand' });
  });

  it('re-runs on another version: what is defined differently and all after it is done again, the rest is kept', async () => {
    const first = await start(chain());
    await ended(first);
    await publishNext(first, chain('c2', '- {id: extra, uses: code, with: {source: a}, depends_on: [side]}'));
    expect(await previewRerun(tenant.contextAs('viewer'), { runId: first, from: 'sum', version: 'current' })).toEqual({
      kept: ['a', 'b', 'side'],
      again: ['c', 'sum', 'extra'],
      version: 2,
    });
    const again = await rerunRun(tenant.ctx, { runId: first, from: 'sum', version: 'current' });
    expect(await ended(again.runId)).toMatchObject({ version: 2, status: 'succeeded', output: { sum: { c: 'a1>b1>new1', b: 'a1>b1' }, extra: 'a2' } });
    const same = await rerunRun(tenant.ctx, { runId: first, from: 'sum', version: 1 });
    expect(same.again).toEqual(['sum']);
    await expect(rerunRun(tenant.ctx, { runId: first, from: 'sum', version: 9 })).rejects.toThrow(NotFound);
  });

  it('replays with nothing kept', async () => {
    const first = await start(chain());
    await ended(first);
    const { runId } = await replayRun(tenant.contextAs('operator'), { runId: first });
    expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: { c: 'a2>b2>c2', n: 1 }, parentRunId: first, fork: { kind: 'replay' } });
  });

  it('forks a run that waits; the copy goes on by itself and the run still waits', async () => {
    const first = await start(waits);
    await expect.poll(() => status(first), { timeout: 10_000 }).toBe('waiting');
    await expect(rerunRun(tenant.ctx, { runId: first, from: 'b' })).rejects.toThrow(Conflict);
    const copy = await forkRun(tenant.ctx, { runId: first, from: 'b', outputs: { rest: 'rested' } });
    expect(copy).toMatchObject({ kept: ['a', 'rest'], again: ['b'] });
    expect(await ended(copy.runId)).toMatchObject({ status: 'succeeded', output: 'rested>b1', fork: { kind: 'fork' } });
    const other = await forkRun(tenant.ctx, { runId: first });
    expect(other).toMatchObject({ kept: ['a'], again: ['rest', 'b'] });
    await expect.poll(() => status(other.runId), { timeout: 10_000 }).toBe('waiting');
    expect(services.calls.get('a')).toBe(1);
    expect(await status(first)).toBe('waiting');
    expect(await cancelRuns(tenant.ctx, { filter: {} })).toMatchObject({ done: 2, skipped: 0, failed: 0 });
    expect(await ended(first)).toMatchObject({ status: 'cancelled' });
  });

  it('fails a run whose past is gone rather than do it twice', async () => {
    const first = await start(chain());
    await ended(first);
    const { runId } = await rerunRun(tenant.ctx, { runId: first, from: 'c' }, {});
    await ended(runId);
    await worker.stop(0);
    const second = await rerunRun(tenant.ctx, { runId: first, from: 'c' });
    await database.sql('DELETE FROM run_event WHERE run_id = $1', [first]);
    worker = await startTestWorker(services);
    expect(await ended(second.runId)).toMatchObject({ status: 'failed', error: { code: 'nothing_to_keep' } });
    expect(services.calls.get('a')).toBe(1);
  });

  it('pauses: what is under way ends, nothing new starts until it is resumed', async () => {
    const first = await start(`
workflow:
  name: pausing
  steps:
    - {id: long, uses: code, with: {source: slow}}
    - {id: after, uses: code, with: {source: a}, depends_on: [long]}
`);
    await expect.poll(() => services.calls.get('slow'), { timeout: 10_000 }).toBe(1);
    await expect(pauseRun(tenant.contextAs('viewer'), { runId: first })).rejects.toThrow(Forbidden);
    await pauseRun(tenant.contextAs('operator'), { runId: first });
    await expect.poll(async () => (await readRunLog(tenant.organizationId, first)).map((e) => e.type), { timeout: 10_000 }).toContain('run.paused');
    release();
    await expect.poll(async () => (await getRun(tenant.ctx, { runId: first })).paused, { timeout: 10_000 }).toMatchObject({ by: expect.any(String) });
    await expect.poll(() => status(first), { timeout: 10_000 }).toBe('waiting');
    const other = await start(waits);
    await expect.poll(() => status(other), { timeout: 10_000 }).toBe('waiting');
    const listed = async (filter: object) => (await listRuns(tenant.ctx, filter)).items.map((r) => [r.id, r.paused]);
    expect(await listed({ paused: true })).toEqual([[first, true]]);
    expect(await listed({ status: ['waiting'], paused: false })).toEqual([[other, false]]);
    expect((await getRun(tenant.ctx, { runId: first })).steps.map((s) => s.status)).toEqual(['succeeded', 'pending']);
    await resumeRun(tenant.contextAs('operator'), { runId: first });
    expect(await ended(first)).toMatchObject({ status: 'succeeded', paused: null, output: 'a2' });
    await expect(pauseRun(tenant.ctx, { runId: first })).rejects.toThrow('This run has ended: it has succeeded.');
    await expect(resumeRun(tenant.ctx, { runId: first })).rejects.toThrow(Conflict);
    expect(await listRuns(tenant.ctx, { paused: true })).toEqual({ items: [], nextCursor: null });
  });

  it('retries many by a filter, a part a call, each once; and finds them by error, time and status', async () => {
    broken = true;
    const ids = await storeWorkflow(database, tenant, chain());
    const runs: string[] = [];
    for (let n = 0; n < 5; n++) runs.unshift(await queueRun(tenant, ids, { n }));
    for (const id of runs) await ended(id);
    const { ctx } = tenant;
    const found = async (filter: object) => (await listRuns(ctx, { limit: 3, ...filter })).items.map((r) => r.id);
    expect(await found({ status: ['failed'], workflowId: ids.workflowId })).toEqual(runs.slice(0, 3));
    expect(await found({ errorCode: 'fell' })).toEqual(runs.slice(0, 3));
    expect(await found({ errorCode: 'other' })).toEqual([]);
    expect(await found({ errorText: 'SKY fell', projectId: tenant.projectId })).toEqual(runs.slice(0, 3));
    expect(await found({ errorText: 'no such words' })).toEqual([]);
    expect(await found({ errorCode: 'fell', status: ['cancelled'] })).toEqual([]);
    expect(await found({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
    expect(await found({ from: new Date(Date.now() - 60_000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() })).toEqual(runs.slice(0, 3));
    expect(await found({ status: ['queued', 'running', 'waiting', 'cancelled', 'failed', 'succeeded'] })).toEqual(runs.slice(0, 3));
    const second = await listRuns(ctx, { limit: 3, errorText: 'sky' });
    expect((await listRuns(ctx, { limit: 3, errorText: 'sky', cursor: second.nextCursor })).items.map((r) => r.id)).toEqual(runs.slice(3));

    broken = false;
    await retryRun(ctx, { runId: runs[0] as string });
    const filter = { errorCode: 'fell', workflowId: ids.workflowId };
    await expect(retryRuns(tenant.contextAs('viewer'), { filter })).rejects.toThrow(Forbidden);
    await expect(retryRuns(ctx, { filter, ids: runs })).rejects.toThrow(Invalid);
    const first = await retryRuns(tenant.contextAs('operator'), { filter, limit: 3 });
    expect(first).toMatchObject({ done: 2, skipped: 1, failed: 0, nextCursor: runs[2] });
    // a run that another one called is not retried by a filter, only by its id
    await database.sql(`UPDATE run SET caller_run_id = $2, caller_path = 'call' WHERE id = $1`, [runs[4], runs[0]]);
    expect(await retryRuns(ctx, { filter, limit: 3, cursor: first.nextCursor })).toMatchObject({ done: 1, skipped: 1, nextCursor: null });
    expect(await retryRuns(ctx, { filter })).toMatchObject({ done: 0, skipped: 5 });
    await expect.poll(async () => (await listRuns(ctx, { status: ['succeeded'] })).items.length, { timeout: 15_000 }).toBe(4);
    expect(services.calls.get('a')).toBe(5);
    const [absent, foreign] = [uuid(), await queueRun(await makeTenant(), ids).catch(() => uuid())];
    expect(await retryRuns(ctx, { ids: [runs[4] as string, absent, foreign] })).toMatchObject({
      done: 1,
      failed: 2,
      problems: [{ runId: absent }, { runId: foreign }],
    });
    const audits = await database.sql<{ n: string }>(`SELECT count(*) AS n FROM audit_event WHERE organization_id = $1 GROUP BY action ORDER BY action`, [
      tenant.organizationId,
    ]);
    expect(audits.map((a) => Number(a.n))).toEqual([5, 3]);
    expect(await cancelRun(ctx, { runId: runs[0] as string })).toMatchObject({ status: 'failed' });
  });
});
