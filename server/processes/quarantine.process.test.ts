import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeInline } from '@/server/engine/inline';
import { readRunLog } from '@/server/engine/run-log';
import { queueRun, storeWorkflow } from '@/server/engine/testing';
import { processEnvironment } from '@/server/env';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';

/** Real worker processes: what they execute kills them, or somebody does. A request to /poison kills the process that makes it. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const poison = `import channel from 'node:diagnostics_channel';
channel.subscribe('undici:request:create', ({ request }) => { if (request.path.startsWith('/poison')) process.kill(process.pid, 'SIGKILL'); });`;
let database: TestDatabase;
let tenant: TestTenant;
let folder: string;
let sink: Server;
let address: string;
/** requests that are not answered yet, by path */
const held: { path: string; answer: () => void }[] = [];
const hits = new Map<string, number>();
const workers: ChildProcess[] = [];

beforeAll(async () => {
  const { ensureBuilt } = (await import(pathToFileURL(join(root, 'scripts/build.mjs')).href)) as { ensureBuilt(part: string): Promise<boolean> };
  await ensureBuilt('server');
  folder = mkdtempSync(join(tmpdir(), 'heddle-quarantine-'));
  writeFileSync(join(folder, 'poison.mjs'), poison);
  sink = createServer(({ url = '' }, response: ServerResponse) => {
    hits.set(url, (hits.get(url) ?? 0) + 1);
    const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    if (url.startsWith('/hold')) held.push({ path: url, answer });
    else answer();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  database = await testDatabase({ HEDDLE_EGRESS_ALLOW: '127.0.0.0/8' });
  tenant = await makeTenant();
});
afterEach(async () => {
  for (const { answer } of held.splice(0)) answer();
  for (const worker of workers.splice(0)) {
    worker.kill('SIGCONT');
    worker.kill('SIGTERM');
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  }
  await database.sql('TRUNCATE queue_worker, run_queue, queue_tenant, dead_letter');
});
afterAll(async () => {
  sink.closeAllConnections();
  sink.close();
  await closeInline();
  await closeNotifications();
  await closeEnginePool();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startWorker(): Promise<ChildProcess> {
  const execArgv = ['--import', pathToFileURL(join(folder, 'poison.mjs')).href];
  const worker = fork(join(root, 'dist/worker.mjs'), [], {
    env: processEnvironment(),
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  workers.push(worker);
  await once(worker, 'message');
  return worker;
}
const ended = async (worker: ChildProcess) => worker.signalCode ?? worker.exitCode ?? (await once(worker, 'exit'))[1];
/** A workflow of two requests. */
const workflow = (name: string, first: string, second: string) =>
  storeWorkflow(
    database,
    tenant,
    `workflow: {name: ${name}, steps: [{id: one, uses: http, with: {url: "${address}${first}"}}, {id: two, uses: http, depends_on: [one], with: {url: "${address}${second}"}}]}`,
  );
const run = async (runId: string) => (await database.sql<{ status: string; error: string }>('SELECT status, error FROM run WHERE id = $1', [runId]))[0];
const finished = async (runId: string) => {
  expect(await waitForRun(tenant.organizationId, runId, 30_000)).toBe(true);
  return run(runId);
};
const letters = () => database.sql('SELECT run_id, step, code, attempts, reason FROM dead_letter ORDER BY id');

describe('a run that kills its worker', () => {
  it('is ended after three deaths, names its step, and takes no other run with it', async () => {
    const bad = await workflow('bad', '/before', '/poison');
    const worse = await workflow('worse', '/before', '/poison');
    const good = await workflow('good', '/first', '/hold');
    const first = await startWorker();
    const others = await Promise.all(Array.from({ length: 5 }, () => queueRun(tenant, good)));
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(5);
    const poisoned = await queueRun(tenant, bad);
    expect(await ended(first)).toBe('SIGKILL');
    for (let i = 0; i < 3; i++)
      await database.sql(
        `INSERT INTO dead_letter (organization_id, id, run_id, workflow_id, version_id, code, message, attempts, reason) VALUES ($1, $2, $3, $4, $5, 'poisoned', '', 3, 'poisoned')`,
        [tenant.organizationId, uuid(), uuid(), worse.workflowId, worse.versionId],
      );
    const second = await startWorker();
    expect(await finished(poisoned)).toMatchObject({ status: 'failed', error: expect.stringContaining('In flight was the step \\"two\\".') });
    expect((await letters()).slice(3)).toEqual([{ run_id: poisoned, step: 'two', code: 'poisoned', attempts: 3, reason: 'poisoned' }]);
    expect((await readRunLog(tenant.organizationId, poisoned)).map((e) => e.type).slice(-2)).toEqual(['step.failed', 'run.failed']);
    expect(hits.get('/before')).toBe(1); // its checkpoint held
    expect([second.exitCode, second.signalCode]).toEqual([null, null]); // three deaths, one of them of a worker
    // where three runs of a version were convicted, no other run of it kills another worker
    const again = await queueRun(tenant, worse);
    expect(await finished(again)).toMatchObject({ status: 'failed' });
    expect([second.exitCode, second.signalCode]).toEqual([null, null]);
    for (const { answer } of held.splice(0)) answer();
    await expect
      .poll(
        async () => {
          for (const { answer } of held.splice(0)) answer();
          return (await Promise.all(others.map(run))).map((r) => r?.status);
        },
        { timeout: 20_000 },
      )
      .toEqual(others.map(() => 'succeeded')); // prettier-ignore
    expect(await letters()).toHaveLength(5);
    expect((await database.sql<{ n: number }>('SELECT sum(running)::int AS n FROM queue_tenant'))[0]?.n).toBe(0);
  });
});

describe('a worker that is killed', () => {
  it('has its runs taken over at once, and none of them is blamed for good', async () => {
    const ids = await workflow('held', '/a', '/hold/b');
    const pair = [await startWorker(), await startWorker()];
    const runs = await Promise.all(Array.from({ length: 20 }, () => queueRun(tenant, ids)));
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(20);
    const seen = hits.get('/a');
    const at = performance.now();
    const leases = await database.sql<{ first: boolean; n: number }>(
      'SELECT worker_id = (SELECT min(id) FROM queue_worker) AS first, count(*)::int AS n FROM run_queue GROUP BY 1 ORDER BY n DESC',
    );
    const { first, n: mine } = leases[0] ?? { first: true, n: 0 };
    pair[first ? 0 : 1]?.kill('SIGKILL');
    // those of the other one go on to be held; those of the killed one ask again
    await expect.poll(() => held.length, { timeout: 15_000, interval: 20 }).toBe(20 + mine);
    if (processEnvironment().HEDDLE_SHOW_TIMES) process.stderr.write(`taken over after ${Math.round(performance.now() - at)} ms\n`);
    expect(hits.get('/a')).toBe(seen); // checkpoints
    for (const { answer } of held.splice(0)) answer();
    for (const runId of runs) expect(await finished(runId)).toMatchObject({ status: 'succeeded' });
  });
});
