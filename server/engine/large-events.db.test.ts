import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BlobStore, StoreAway } from '@/server/blobs/blob-store';
import { LocalStore } from '@/server/blobs/local-store';
import { replaceStore } from '@/server/blobs/open-store';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { followRun, getRun, readAnswerEvents, readRunEvents } from '@/server/runs';
import { closeInline } from './inline';
import { lastSeq, readRunLog, runLog } from './run-log';
import { queueRun, startTestWorker, storeWorkflow, testServices } from './testing';

describe('events of more than 256 KB', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-large-'));
    database = await testDatabase({ HEDDLE_BLOBS: folder });
    tenant = await makeTenant();
  });
  afterAll(async () => {
    replaceStore(undefined);
    await closeInline();
    await closeNotifications();
    await closeEnginePool();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const text = 'é'.repeat(300_000);
  const awl = `
workflow:
  name: large
  steps:
    - {id: big, uses: code, with: {source: big}}
    - {id: fake, uses: code, with: {source: fake}}
    - {id: sleep, uses: delay, with: {for: 100ms}, depends_on: [big]}
    - {id: count, uses: code, with: {source: count}, depends_on: [sleep]}
  output: "{{ size(steps.big.output.text) }}"`;
  const fake = { $blob: { key: 'x', size: 1, sha256: 'y' } };
  async function execute(store?: BlobStore) {
    replaceStore(store);
    const services = testServices({ big: () => ({ text }), fake: () => fake, count: ({ data }) => (data as { text: string }).text.length });
    const worker = await startTestWorker(services);
    try {
      const runId = await queueRun(tenant, await storeWorkflow(database, tenant, awl));
      expect(await waitForRun(tenant.organizationId, runId, 20_000)).toBe(true);
      return { runId, services };
    } finally {
      await worker.stop(0);
    }
  }

  it('lie in the blob store and are read as if they did not', async () => {
    const { runId, services } = await execute();
    const stored = await database.sql<{ length: number }>('SELECT length(data) FROM run_event WHERE run_id = $1', [runId]);
    expect(Math.max(...stored.map((s) => s.length))).toBeLessThan(2_000);
    expect(await database.sql('SELECT run_id, ready FROM blob WHERE run_id = $1', [runId])).toContainEqual({ run_id: runId, ready: true });
    const { ctx, organizationId } = tenant;
    const run = await getRun(ctx, { runId });
    const outputs = Object.fromEntries(run.steps.map((s) => [s.path, s.output]));
    expect([run.status, run.output, outputs.big, outputs.fake, outputs.count]).toEqual(['succeeded', text.length, { text }, fake, text.length]);
    const log = await readRunLog(organizationId, runId);
    expect(log.find((e) => e.type === 'step.succeeded' && e.path === 'big')).toMatchObject({ output: { text } });
    expect(await lastSeq(organizationId, runId)).toBe(log.length);
    expect((await readRunEvents(ctx, { runId })).events).toEqual(log);
    const followed = [];
    for await (const event of followRun(async () => ctx, { runId }, new AbortController().signal)) followed.push(event);
    expect(followed).toEqual(log);
    expect((await readAnswerEvents(ctx, { runId, step: 'big' })).events[0]).toMatchObject({ path: 'big', output: { text } });
    expect([...services.calls.values()]).toEqual([1, 1, 1]);
  });

  it('wait for a store that is away: no step runs again that was checkpointed, and the run succeeds', async () => {
    const real = new LocalStore(folder);
    let refusals = 2;
    const { runId, services } = await execute({
      place: 'far away',
      write: async (key, bytes) => {
        if (refusals-- > 0) throw new StoreAway('far away', 'cannot be reached');
        await real.write(key, bytes);
      },
      read: (key, range) => real.read(key, range),
      remove: (keys) => real.remove(keys),
    });
    expect(await getRun(tenant.ctx, { runId })).toMatchObject({ status: 'succeeded', output: text.length });
    expect(services.calls.get('big')).toBe(3);
    expect(services.calls.get('count')).toBe(1);
    const log = await readRunLog(tenant.organizationId, runId);
    expect(log.map((e) => e.seq)).toEqual(log.map((_, i) => i + 1));
  });

  it('fail the run with a clear word when the organization has no room for them', async () => {
    await database.sql(
      `INSERT INTO storage_use (organization_id, limit_bytes) VALUES ($1, 1000) ON CONFLICT (organization_id) DO UPDATE SET limit_bytes = 1000`,
      [tenant.organizationId],
    );
    const { runId } = await execute();
    expect(await getRun(tenant.ctx, { runId })).toMatchObject({ status: 'failed', error: { code: 'storage_full' } });
  });

  it('a log of many events is read in pages, whole and in order', async () => {
    const { organizationId } = tenant;
    const runId = await queueRun(tenant, await storeWorkflow(database, tenant, 'workflow: {name: empty, steps: [{id: a}]}'));
    await database.sql(
      `INSERT INTO run_event (organization_id, run_id, seq, type, path, at, data)
       SELECT $1, $2, n, 'step.log', 'a', now(), json_build_object('level', 'info', 'message', repeat('x', CASE WHEN n BETWEEN 1500 AND 1507 THEN 3000000 ELSE 10 END)) FROM generate_series(1, 3500) n`,
      [organizationId, runId],
    );
    let seen = 0;
    for await (const event of runLog(organizationId, runId)) expect(event.seq).toBe(++seen);
    expect(seen).toBe(3500);
    const part = await readRunEvents(tenant.ctx, { runId, after: 1_400, limit: 1_000 });
    expect(part.more).toBe(true);
    expect(part.events.at(-1)?.seq).toBe(1_504);
    expect((await readRunEvents(tenant.ctx, { runId, after: 3_400, limit: 100 })).more).toBe(false);
  });
});
