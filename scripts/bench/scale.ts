import { drain, withEngine } from './engine-client';
import type { Product } from './product';
import type { Row } from './row';
import { percentile } from './row';
import { idleLatency } from './runs';
import { tenNodeDag } from './workflows';

const RUNS = 10_000;

/** One, two and four workers on this machine. */
export async function benchWorkers(product: Product): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workers of [1, 2, 4]) {
    await product.restart({ HEDDLE_WORKERS: String(workers) });
    const speed = await withEngine(product, tenNodeDag, async (client) => {
      await drain(client, 2_000);
      const rounds = [await drain(client, RUNS), await drain(client, RUNS), await drain(client, RUNS)];
      return percentile(rounds, 0.5);
    });
    rows.push({
      name: `runs of a 10-node DAG, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
      value: speed,
      unit: 'runs/s',
      better: 'higher',
      note: 'median of 3; enqueueing, PostgreSQL and web on the same machine',
    });
  }
  await product.restart({ HEDDLE_WORKERS: '1' });
  return rows;
}

/** Ten thousand, a hundred thousand, a million runs with three log entries each in the tables. */
export async function benchStored(product: Product): Promise<Row[]> {
  return withEngine(product, tenNodeDag, async (client) => {
    const { owner, run } = client;
    const rows: Row[] = [];
    await drain(client, 2_000);
    let stored = 0;
    for (const wanted of [10_000, 100_000, 1_000_000]) {
      while (stored < wanted) {
        const count = Math.min(100_000, wanted - stored);
        await owner.query(
          `WITH r AS (INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input, output, status, queued_at, started_at, finished_at)
             SELECT $1, (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 1000000 + n), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid,
                    $2, $3, 'api', '{"n":1}', '{"sum":1}', 'succeeded', now(), now(), now() FROM generate_series(1, $4) n RETURNING id)
           INSERT INTO run_event (organization_id, run_id, seq, type, path, at, data)
           SELECT $1, r.id, s, 'step.succeeded', 'a', now(), '{"attempt":1,"startedAt":1,"output":{"n":1}}' FROM r CROSS JOIN generate_series(1, 3) s`,
          [run.organizationId, run.workflowId, run.versionId, count],
        );
        stored += count;
      }
      await owner.query('VACUUM (ANALYZE) run, run_event, run_queue');
      await drain(client, 1_000);
      const speed = percentile([await drain(client, RUNS), await drain(client, RUNS), await drain(client, RUNS)], 0.5);
      const idle = percentile(await idleLatency(client, 100), 0.5);
      const name = `${wanted.toLocaleString('en')} stored runs`;
      rows.push(
        { name: `${name}: throughput`, value: speed, unit: 'runs/s', better: 'higher' },
        { name: `${name}: idle, enqueue to finish, p50`, value: idle, unit: 'ms', better: 'lower' },
      );
    }
    return rows;
  });
}
