import pg from 'pg';
import { acceptRun, closeInline } from '@/server/engine/inline';
import { resetEnv } from '@/server/env';
import { withDatabase } from '@/server/processes/with-database';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications, listenForRuns } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import type { Product } from './product';
import { percentile, type Row } from './row';
import { publish, tenNodeDag } from './workflows';

const RUNS = 20_000;
const IDLE_RUNS = 200;

/** Runs of a 10-node DAG through the real queue and log of a running Heddle: throughput, and the latency when nothing else happens. */
export async function benchRuns(product: Product): Promise<Row[]> {
  const { id: workflowId } = await publish(product, tenNodeDag);
  resetEnv(product.environment);
  return withDatabase(async ({ url }) => {
    const owner = new pg.Client({ connectionString: url });
    await owner.connect();
    try {
      const { rows } = await owner.query('SELECT organization_id, current_version_id FROM workflow WHERE id = $1', [workflowId]);
      const run = { organizationId: rows[0].organization_id, workflowId, versionId: rows[0].current_version_id, trigger: 'api' as const, input: { n: 1 } };
      await listenForRuns();
      for (let i = 0; i < 500; i++) await Promise.all([acceptRun(run), acceptRun(run)]);
      await drained(owner);
      const throughput: number[] = [];
      for (let round = 0; round < 3; round++) throughput.push(await drain(owner, run));
      await owner.query('VACUUM (ANALYZE) run, run_event, run_queue');
      const idle: number[] = [];
      for (let i = 0; i < IDLE_RUNS; i++) {
        const began = performance.now();
        await waitForRun(run.organizationId, await acceptRun(run), 10_000);
        idle.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return [
        {
          name: 'runs of a 10-node DAG, one worker',
          value: percentile(throughput, 0.5),
          unit: 'runs/s',
          goal: 4_000,
          better: 'higher',
          note: `median of 3 × ${RUNS} runs, fsync on`,
        },
        { name: 'checkpoints, one worker', value: percentile(throughput, 0.5) * 10, unit: '1/s', better: 'higher' },
        { name: 'idle, enqueue to finish, p50', value: percentile(idle, 0.5), unit: 'ms', goal: 10, better: 'lower' },
        { name: 'idle, enqueue to finish, p95', value: percentile(idle, 0.95), unit: 'ms', better: 'lower' },
      ];
    } finally {
      await owner.end();
      await closeInline();
      await closeNotifications();
      await closeEnginePool();
    }
  });
}

/** Queues RUNS runs and returns runs per second from the first start to the last end; the enqueueing runs at the same time on the same cores. */
async function drain(owner: pg.Client, run: Parameters<typeof acceptRun>[0]): Promise<number> {
  const { rows: before } = await owner.query('SELECT clock_timestamp() AS at');
  const waiting: Promise<string>[] = [];
  for (let i = 0; i < RUNS; i++) {
    waiting.push(acceptRun(run));
    if (waiting.length === 1_000) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  await drained(owner);
  const { rows } = await owner.query(
    `SELECT count(*)::int AS runs, extract(epoch FROM max(finished_at) - min(queued_at))::float8 AS s, count(*) FILTER (WHERE status <> 'succeeded')::int AS bad
       FROM run WHERE queued_at >= $1`,
    [before[0].at],
  );
  if (rows[0].bad > 0 || rows[0].runs !== RUNS) throw new Error(`of ${RUNS} runs ${rows[0].runs} were stored, ${rows[0].bad} did not succeed`);
  return rows[0].runs / rows[0].s;
}

async function drained(owner: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await owner.query('SELECT count(*)::int AS n FROM (SELECT FROM run_queue LIMIT 1) x');
    if (rows[0].n === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
