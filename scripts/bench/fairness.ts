import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { acceptRun, closeInline } from '@/server/engine/inline';
import { resetEnv } from '@/server/env';
import { withDatabase } from '@/server/processes/with-database';
import { closeEnginePool } from '@/server/queue/engine-pool';
import type { Product } from './product';
import { percentile, type Row } from './row';
import { publish } from './workflows';

const QUEUED = 10_000;
const QUIET_STARTS = 20;

/** One short wait, as of a step that asks somebody: a worker holds many such runs at once. */
const short = {
  workflow: {
    name: 'bench-short',
    steps: [
      { id: 'a', uses: 'delay', with: { for: '5ms' } },
      { id: 'b', uses: 'transform', depends_on: ['a'], with: { value: 1 } },
    ],
  },
};

interface Side {
  organizationId: string;
  workflowId: string;
  versionId: string;
}

/** One organization keeps 10,000 runs queued while another starts one a second: how long that one waits for its start, by the clock of the database. */
export async function benchFairness(product: Product): Promise<Row[]> {
  const { id } = await publish(product, short);
  resetEnv(product.environment);
  return withDatabase(async ({ url }) => {
    const owner = new pg.Client({ connectionString: url });
    await owner.connect();
    try {
      return await measureFairness(owner, id);
    } finally {
      await owner.end();
      await closeInline();
      await closeEnginePool();
    }
  });
}

/** The measurement itself, against whatever workers run on this database. */
export async function measureFairness(owner: pg.Client, workflowId: string): Promise<Row[]> {
  const { rows } = await owner.query(
    'SELECT organization_id AS "organizationId", id AS "workflowId", current_version_id AS "versionId" FROM workflow WHERE id = $1',
    [workflowId],
  );
  const flooder = rows[0] as Side;
  const quiet = await copyOf(owner, flooder);
  const alone = await starts(owner, flooder, quiet, 0);
  const uncapped = await starts(owner, flooder, quiet, QUEUED);
  await cap(owner, flooder, 25);
  const capped = await starts(owner, flooder, quiet, QUEUED);
  await owner.query('DELETE FROM run_queue WHERE organization_id = $1 AND state = 0', [flooder.organizationId]);
  await cap(owner, flooder, 1_000_000);
  const note = (list: number[]) =>
    `p50 ${percentile(list, 0.5).toFixed(1)}, longest ${Math.max(...list).toFixed(1)}; one start a second, ${list.length} of them`;
  return [
    { name: 'start of a quiet organization, nobody else', value: percentile(alone, 0.95), unit: 'ms', better: 'lower', note: `p95; ${note(alone)}` },
    {
      name: `the same while another has ${QUEUED.toLocaleString('en')} queued`,
      value: percentile(uncapped, 0.95),
      unit: 'ms',
      goal: 35,
      better: 'lower',
      note: `p95; ${note(uncapped)}`,
    },
    { name: 'the same with the other capped at 25', value: percentile(capped, 0.95), unit: 'ms', goal: 10, better: 'lower', note: `p95; ${note(capped)}` },
  ];
}

/** Another organization with the same workflow. */
async function copyOf(owner: pg.Client, { workflowId, versionId }: Side): Promise<Side> {
  const copy = { organizationId: uuid(), workflowId: uuid(), versionId: uuid() };
  const project = uuid();
  await owner.query('INSERT INTO organization (id, slug, name) VALUES ($1, $2, $2)', [copy.organizationId, `quiet-${copy.organizationId.slice(-12)}`]);
  await owner.query(`INSERT INTO project (organization_id, id, slug, name) VALUES ($1, $2, 'default', 'Default')`, [copy.organizationId, project]);
  await owner.query(
    'INSERT INTO workflow (organization_id, id, project_id, slug, title, draft) SELECT $1, $2, $3, slug, title, draft FROM workflow WHERE id = $4',
    [copy.organizationId, copy.workflowId, project, workflowId],
  );
  await owner.query(
    'INSERT INTO workflow_version (organization_id, id, workflow_id, number, definition, hash) SELECT $1, $2, $3, 1, definition, hash FROM workflow_version WHERE id = $4',
    [copy.organizationId, copy.versionId, copy.workflowId, versionId],
  );
  return copy;
}

async function cap(owner: pg.Client, { organizationId }: Side, places: number): Promise<void> {
  await owner.query('INSERT INTO queue_tenant (organization_id, cap) VALUES ($1, $2) ON CONFLICT (organization_id) DO UPDATE SET cap = excluded.cap', [
    organizationId,
    places,
  ]);
}

/** Starts of the quiet side, ms from queued to started, while the flooder's queue is topped up to `queued` by plain SQL. */
async function starts(owner: pg.Client, flooder: Side, quiet: Side, queued: number): Promise<number[]> {
  let going = true;
  const flood = (async () => {
    while (going && queued > 0) {
      await owner.query(
        `WITH n AS (SELECT greatest(0, $4 - count(*))::int AS n FROM run_queue WHERE organization_id = $1 AND state = 0),
              r AS (INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input)
                    SELECT $1, overlay(gen_random_uuid()::text PLACING $5 FROM 1 FOR 15)::uuid, $2, $3, 'api', '{}' FROM n, generate_series(1, least(n.n, 2000)) RETURNING id)
         INSERT INTO run_queue (organization_id, run_id) SELECT $1, id FROM r`,
        [flooder.organizationId, flooder.workflowId, flooder.versionId, queued, uuid().slice(0, 15)],
      );
      await owner.query(`SELECT pg_notify('heddle_queue', $1::text)`, [flooder.organizationId]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const ids: string[] = [];
  for (let i = -2; i < QUIET_STARTS; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const id = await acceptRun({ ...quiet, trigger: 'api', input: {} });
    if (i >= 0) ids.push(id);
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  going = false;
  await flood;
  const { rows } = await owner.query<{ ms: number }>(
    `SELECT coalesce(extract(epoch FROM started_at - queued_at) * 1000, 'Infinity')::float8 AS ms FROM run WHERE id = ANY($1)`,
    [ids],
  );
  return rows.map((r) => r.ms);
}
