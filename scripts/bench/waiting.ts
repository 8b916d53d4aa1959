import { queueMany, untilNone, withEngine } from './engine-client';
import { memoryOf, type Product } from './product';
import type { Row } from './row';

const WAITING = 10_000;
const QUEUED = 100_000;

const waits = {
  workflow: {
    name: 'bench-waits',
    steps: [
      { id: 'a', uses: 'transform', with: { value: 1 } },
      { id: 'go', uses: 'signal', depends_on: ['a'], with: { name: 'go' } },
    ],
  },
};
const short = { workflow: { name: 'bench-backlog', steps: [{ id: 'a', uses: 'transform', with: { value: '{{ input.n }}' } }] } };

/** What 10,000 runs that wait for a signal cost, and whether a backlog of 100,000 is worked off at the same speed from its beginning to its end. */
export async function benchWaiting(product: Product): Promise<Row[]> {
  const memory = await withEngine(product, waits, async ({ owner, run }) => {
    // what the processes need once is not what waiting costs
    await queueMany(run, 500);
    await untilNone(owner, 'SELECT count(*) FROM run_queue WHERE state <> 3');
    await settled();
    const before = await memoryOf(product.pid, /^(?!.*postgres)/);
    await queueMany(run, WAITING);
    await untilNone(owner, 'SELECT count(*) FROM run_queue WHERE state <> 3');
    await settled();
    const after = await memoryOf(product.pid, /^(?!.*postgres)/);
    await owner.query('DELETE FROM run_queue');
    return after.pss - before.pss;
  });
  const speed = await withEngine(product, short, async ({ owner, run }) => {
    await owner.query('INSERT INTO queue_tenant (organization_id, cap) VALUES ($1, 0) ON CONFLICT (organization_id) DO UPDATE SET cap = 0', [
      run.organizationId,
    ]);
    await queueMany(run, QUEUED);
    await owner.query('VACUUM (ANALYZE) run, run_event, run_queue');
    await owner.query('UPDATE queue_tenant SET cap = 1000000 WHERE organization_id = $1', [run.organizationId]);
    await untilNone(owner, 'SELECT count(*) FROM (SELECT FROM run_queue LIMIT 1) x');
    const { rows } = await owner.query(
      `WITH r AS (SELECT finished_at, ntile(10) OVER (ORDER BY finished_at) AS tenth FROM run WHERE workflow_id = $1)
       SELECT tenth, count(*) / extract(epoch FROM max(finished_at) - min(finished_at))::float8 AS speed FROM r GROUP BY 1 ORDER BY 1`,
      [run.workflowId],
    );
    return rows.map((r) => Number(r.speed));
  });
  const second = speed[1] ?? 0;
  const last = speed[8] ?? 0;
  return [
    {
      name: `${WAITING.toLocaleString('en')} waiting runs, memory of the processes`,
      value: memory,
      unit: 'MB',
      goal: 50,
      better: 'lower',
      note: 'PSS of Node processes, after against before',
    },
    {
      name: `${QUEUED.toLocaleString('en')} queued runs, speed of the ninth tenth against the second`,
      value: last / second,
      unit: '×',
      goal: 0.9,
      better: 'higher',
      note: `${Math.round(second)} and ${Math.round(last)} runs/s`,
    },
  ];
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 8_000));
