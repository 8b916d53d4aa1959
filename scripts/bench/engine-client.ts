import pg from 'pg';
import { type AcceptedRun, acceptRun, closeInline } from '@/server/engine/inline';
import { resetEnv } from '@/server/env';
import { withDatabase } from '@/server/processes/with-database';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import type { Product } from './product';
import { publish } from './workflows';

export interface EngineClient {
  /** the owner's connection: sees everything */
  owner: pg.Client;
  run: AcceptedRun;
}

/** Publishes a workflow and hands over what enqueues its runs straight into the queue of a running Heddle, as the web process does. */
export async function withEngine<T>(product: Product, { workflow }: { workflow: { name: string } }, work: (client: EngineClient) => Promise<T>): Promise<T> {
  // parts that measure the same workflow each have one of their own
  const { id: workflowId } = await publish(product, { workflow: { ...workflow, name: `${workflow.name}-${Date.now().toString(36)}` } });
  resetEnv(product.environment);
  return withDatabase(async ({ url }) => {
    const owner = new pg.Client({ connectionString: url });
    await owner.connect();
    try {
      const { rows } = await owner.query('SELECT organization_id, current_version_id FROM workflow WHERE id = $1', [workflowId]);
      const run = { organizationId: rows[0].organization_id, workflowId, versionId: rows[0].current_version_id, trigger: 'api' as const, input: { n: 1 } };
      return await work({ owner, run });
    } finally {
      await owner.end();
      await closeInline();
      await closeNotifications();
      await closeEnginePool();
    }
  });
}

/** Queues `count` runs, 1,000 at a time. */
export async function queueMany(run: AcceptedRun, count: number): Promise<void> {
  const waiting: Promise<string>[] = [];
  for (let i = 0; i < count; i++) {
    waiting.push(acceptRun(run));
    if (waiting.length === 1_000) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
}

/** Waits until the query, which gives one number, gives 0. */
export async function untilNone(owner: pg.Client, query: string, values: unknown[] = []): Promise<void> {
  for (;;) {
    const { rows } = await owner.query({ text: query, values, rowMode: 'array' });
    if (Number(rows[0]?.[0]) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Queues `count` runs and returns runs per second from the first enqueued to the last ended; the enqueueing runs at the same time on the same cores. */
export async function drain({ owner, run }: EngineClient, count: number): Promise<number> {
  const { rows: before } = await owner.query('SELECT clock_timestamp() AS at');
  await queueMany(run, count);
  await untilNone(owner, 'SELECT count(*) FROM (SELECT FROM run_queue LIMIT 1) x');
  const { rows } = await owner.query(
    `SELECT count(*)::int AS runs, extract(epoch FROM max(finished_at) - min(queued_at))::float8 AS s, count(*) FILTER (WHERE status <> 'succeeded')::int AS bad
       FROM run WHERE queued_at >= $1 AND workflow_id = $2`,
    [before[0].at, run.workflowId],
  );
  if (rows[0].bad > 0 || rows[0].runs !== count) throw new Error(`of ${count} runs ${rows[0].runs} were stored, ${rows[0].bad} did not succeed`);
  return rows[0].runs / rows[0].s;
}
