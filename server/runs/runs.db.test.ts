import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { Conflict, Invalid } from '@/server/lib/errors';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { createWorkflow, saveDraft } from '@/server/workflows';
import { type FoldedLog, foldLog } from './fold-log';
import { cancelRun, followRun, getRun, listRuns, readRunEvents, retryRun, startRun } from './index';

const definition = {
  workflow: {
    name: 'greet',
    title: 'Greet',
    input: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    triggers: [{ manual: {} }],
    steps: [
      { id: 'hello', uses: 'log', with: { message: 'hello' } },
      { id: 'bye', depends_on: ['hello'] },
    ],
  },
};

describe('runs', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let workflowId: string;
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    tenant = await makeTenant();
    workflowId = (await createWorkflow(tenant.ctx, { definition })).id;
  });
  afterAll(async () => {
    await closeNotifications();
    await closeEnginePool();
    await database.close();
  });

  /** Writes events as a worker does, wakes the watchers, and settles the run when the last one ends it. */
  async function append(runId: string, from: number, events: { type: string; path?: string; [key: string]: unknown }[]) {
    for (const [i, { type, path, ...data }] of events.entries()) {
      await database.sql('INSERT INTO run_event (organization_id, run_id, seq, type, path, at, data) VALUES ($1, $2, $3, $4, $5, now(), $6)', [
        tenant.organizationId,
        runId,
        from + i,
        type,
        path ?? null,
        JSON.stringify(data),
      ]);
    }
    const last = events.at(-1) ?? { type: '' };
    const end = /^run\.(succeeded|failed|cancelled)$/.exec(last.type)?.[1];
    if (end) {
      const { output, error } = last;
      await database.sql('UPDATE run SET status = $3::run_status, output = $4, error = $5, finished_at = now() WHERE organization_id = $1 AND id = $2', [
        tenant.organizationId,
        runId,
        end,
        output === undefined ? null : JSON.stringify(output),
        error === undefined ? null : JSON.stringify(error),
      ]);
    }
    await database.sql(`SELECT pg_notify('heddle_run', '*')`);
  }

  it('start with an input that fits, into the queue, with an audit event; else nothing is written', async () => {
    const { ctx } = tenant;
    for (const input of [undefined, {}, { name: 1 }, 'x', { name: 'a', constructor: 1 }]) {
      await expect(startRun(ctx, { workflowId, input })).rejects.toThrow(Invalid);
    }
    await expect(startRun(ctx, { workflowId, input: { name: 'Ann' }, version: 7 })).rejects.toThrow('This version does not exist.');
    expect(await database.sql('SELECT FROM run WHERE organization_id = $1', [tenant.organizationId])).toEqual([]);
    const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' }, priority: 5 });
    const run = await getRun(ctx, { runId });
    expect(run).toMatchObject({
      status: 'queued',
      version: 1,
      trigger: 'manual',
      startedBy: ctx.actor.id,
      priority: 5,
      input: { name: 'Ann' },
      lastEventId: 0,
    });
    expect(run.steps.map((s) => [s.id, s.type, s.status])).toEqual([
      ['hello', 'log', 'pending'],
      ['bye', 'pass', 'pending'],
    ]);
    expect(await database.sql('SELECT state, priority FROM run_queue WHERE run_id = $1', [runId])).toEqual([{ state: 0, priority: 5 }]);
    expect(await database.sql(`SELECT details FROM audit_event WHERE organization_id = $1 AND action = 'workflow.execute'`, [tenant.organizationId])).toEqual([
      { details: { runId } },
    ]);
  });

  it('of a draft freeze it once, and keep showing it after it changed', async () => {
    const { ctx } = tenant;
    const changed = { workflow: { ...definition.workflow, steps: [{ id: 'only' }] } };
    await saveDraft(ctx, { id: workflowId, baseRevision: 1, definition: changed });
    const input = { name: 'Ann' };
    const [a, b] = [await startRun(ctx, { workflowId, source: 'draft', input }), await startRun(ctx, { workflowId, source: 'draft', input })];
    await saveDraft(ctx, { id: workflowId, baseRevision: 2, definition: { workflow: { ...definition.workflow, steps: [{ id: 'bad', uses: 'nonsense' }] } } });
    await expect(startRun(ctx, { workflowId, source: 'draft', input })).rejects.toThrow(Invalid);
    const runs = [await getRun(ctx, a), await getRun(ctx, b)];
    expect(runs.map((r) => [r.version, r.steps.map((s) => s.id)])).toEqual([
      [null, ['only']],
      [null, ['only']],
    ]);
    expect(runs[0]?.versionId).toBe(runs[1]?.versionId);
    expect((await getRun(ctx, await startRun(ctx, { workflowId, input }))).version).toBe(1);
  });

  it('stream their log live, from any place, to its end', async () => {
    const { ctx } = tenant;
    const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' } });
    const seen: number[] = [];
    const signal = new AbortController().signal;
    const following = (async () => {
      for await (const event of followRun(async () => ctx, { runId }, signal)) seen.push(event.seq);
    })();
    await append(runId, 1, [{ type: 'run.started' }, { type: 'step.started', path: 'hello', attempt: 1, input: {} }]);
    await expect.poll(() => seen).toEqual([1, 2]);
    expect((await getRun(ctx, { runId })).steps[0]).toMatchObject({ status: 'running', attempts: 1 });
    await append(runId, 3, [
      { type: 'step.succeeded', path: 'hello', attempt: 1, startedAt: Date.now(), output: 'hi', costUsd: 0.5 },
      { type: 'step.skipped', path: 'bye', reason: 'condition' },
      { type: 'run.succeeded', output: 'done' },
    ]);
    await following;
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(await getRun(ctx, { runId })).toMatchObject({
      status: 'succeeded',
      output: 'done',
      cost: 0.5,
      lastEventId: 5,
      steps: [{ output: 'hi' }, { status: 'skipped' }],
    });
    const resumed: number[] = [];
    for await (const event of followRun(async () => ctx, { runId, after: 3 }, signal)) resumed.push(event.seq);
    for await (const event of followRun(async () => ctx, { runId, after: 5 }, signal)) resumed.push(event.seq);
    expect(resumed).toEqual([4, 5]);
    expect(await readRunEvents(ctx, { runId, after: 1, limit: 2 })).toMatchObject({ events: [{ seq: 2 }, { seq: 3 }], ended: false });
  });

  it('of more data than a view holds name what is left out', async () => {
    const { ctx } = tenant;
    const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' } });
    const large = (path: string) => ({ type: 'step.succeeded', path, attempt: 2, startedAt: 1_000, output: 'x'.repeat(8_000_000) });
    await append(runId, 1, [{ type: 'run.started' }, large('hello'), large('bye'), large('hello[1]')]);
    await append(runId, 5, [
      { type: 'step.skipped', path: 'small', reason: 'upstream' },
      { type: 'run.succeeded', output: 'done' },
    ]);
    const { steps, status, lastEventId } = await getRun(ctx, { runId });
    expect([status, lastEventId, steps.map((s) => [s.path, s.status, s.truncated])]).toEqual([
      'succeeded',
      6,
      [
        ['hello', 'succeeded', undefined],
        ['bye', 'succeeded', undefined],
        ['hello[1]', 'succeeded', true],
        ['small', 'skipped', undefined],
      ],
    ]);
    expect(steps[2]).toMatchObject({ output: null, attempts: 2, startedAt: new Date(1_000).toISOString(), truncatedBytes: expect.any(Number) });
  });

  it('of very long logs are folded two at a time for an organization, each once for all who ask, and kept when they have ended', async () => {
    const { ctx } = tenant;
    const { organizationId } = ctx;
    const long = async () => {
      const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' } });
      await database.sql(
        `INSERT INTO run_event (organization_id, run_id, seq, type, path, at, data)
         SELECT $1, $2, n, 'step.started', 'hello', now(), '{"attempt":1,"input":{}}' FROM generate_series(1, 5001) n`,
        [organizationId, runId],
      );
      return runId;
    };
    const [a, b, c] = [await long(), await long(), await long()];
    const fold = (runId: string, ended = false) => foldLog(organizationId, runId, [], { last: 5001, ended });
    const asked = await Promise.allSettled([fold(a), fold(b), fold(c), fold(a)]);
    expect(asked.map((x) => (x.status === 'fulfilled' ? x.value.view.seq : [x.reason.name, x.reason.retryAfter]))).toEqual([
      5001,
      5001,
      ['TooManyRequests', 5],
      5001,
    ]);
    expect((asked[3] as PromiseFulfilledResult<FoldedLog>).value).toBe((asked[0] as PromiseFulfilledResult<FoldedLog>).value);
    expect((await getRun(ctx, { runId: c })).lastEventId).toBe(5001);
    // one that goes on is read anew, one that has ended is not
    await append(c, 5002, [{ type: 'step.started', path: 'bye', attempt: 1, input: {} }]);
    expect((await getRun(ctx, { runId: c })).steps.map((s) => s.status)).toEqual(['running', 'running']);
    await append(c, 5003, [{ type: 'run.succeeded', output: 'done' }]);
    const shown = await getRun(ctx, { runId: c });
    expect(shown).toMatchObject({ status: 'succeeded', lastEventId: 5003 });
    await database.sql('DELETE FROM run_event WHERE run_id = $1 AND seq < 5000', [c]);
    expect(await getRun(ctx, { runId: c })).toEqual(shown);
    const before = await fold(a);
    expect(await fold(a)).not.toBe(before);
  });

  it('stop streaming when who listens may no longer', async () => {
    const { ctx } = tenant;
    const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' } });
    let asked = 0;
    const stillAllowed = async () => {
      if (asked++ > 0) throw new Error('revoked');
      return ctx;
    };
    await expect(followRun(stillAllowed, { runId }, new AbortController().signal).next()).rejects.toThrow('revoked');
  }, 15_000);

  it('are asked to stop through their inbox, once they are not over', async () => {
    const { ctx } = tenant;
    const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' } });
    expect(await cancelRun(tenant.contextAs('operator'), { runId })).toEqual({ runId, status: 'queued' });
    expect(await database.sql('SELECT kind FROM run_inbox WHERE run_id = $1', [runId])).toEqual([{ kind: 'cancel' }]);
    await expect(retryRun(ctx, { runId })).rejects.toThrow(Conflict);
    await append(runId, 1, [{ type: 'run.cancelled' }]);
    expect(await cancelRun(ctx, { runId })).toEqual({ runId, status: 'cancelled' });
    expect(await database.sql('SELECT kind FROM run_inbox WHERE run_id = $1', [runId])).toHaveLength(1);
  });

  it('are tried again as new runs from where they failed, from a step, or with another input', async () => {
    const { ctx } = tenant;
    const { runId } = await startRun(ctx, { workflowId, input: { name: 'Ann' } });
    await append(runId, 1, [{ type: 'run.started' }, { type: 'run.failed', error: { code: 'x', message: 'no', step: 'bye' } }]);
    const again = await getRun(ctx, await retryRun(ctx, { runId }));
    expect(again).toMatchObject({ parentRunId: runId, retryFrom: 'bye', trigger: 'retry', input: { name: 'Ann' }, status: 'queued' });
    expect((await getRun(ctx, await retryRun(ctx, { runId, from: 'hello' }))).retryFrom).toBe('hello');
    expect(await getRun(ctx, await retryRun(ctx, { runId, input: { name: 'Bob' } }))).toMatchObject({ retryFrom: null, input: { name: 'Bob' } });
    await expect(retryRun(ctx, { runId, from: 'nowhere' })).rejects.toThrow('its steps are hello, bye');
    await expect(retryRun(ctx, { runId, input: {} })).rejects.toThrow(Invalid);
  });

  it('list by page and filter, newest first', async () => {
    const { ctx, projectId } = tenant;
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await startRun(ctx, { workflowId, input: { name: `${i}` } })).runId);
    const first = await listRuns(ctx, { limit: 3 });
    const second = await listRuns(ctx, { limit: 3, cursor: first.nextCursor, projectId, workflowId, status: ['queued'] });
    expect([...first.items, ...second.items].map((r) => r.id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    expect(first.items[0]).toMatchObject({ workflow: { slug: 'greet', title: 'Greet' }, version: 1 });
    expect((await listRuns(ctx, { status: ['failed'] })).items).toEqual([]);
  });
});
