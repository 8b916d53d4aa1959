import { withEngine } from './engine-client';
import type { Product } from './product';
import { percentile, type Row } from './row';
import { publish } from './workflows';

const WORKFLOWS = 20;
const SECONDS = 20;
const DOWN_SECONDS = 6;

const scheduled = (n: number) => ({
  workflow: {
    name: `bench-schedule-${n}`,
    triggers: [{ schedule: { cron: '* * * * * *', timezone: 'UTC' } }],
    steps: [{ id: 'a', uses: 'transform', with: { value: 1 } }],
  },
});

/** Schedules of every second on three schedulers: how late they fire, whether any fires twice, and whether all fire again after Heddle was down. */
export async function benchSchedules(product: Product): Promise<Row[]> {
  await product.restart({ HEDDLE_WORKERS: '3' });
  for (let n = 0; n < WORKFLOWS; n++) await publish(product, scheduled(n));
  await sleep(SECONDS);
  await product.restart({ HEDDLE_WORKERS: '3' }, DOWN_SECONDS);
  await sleep(5);
  const rows = await withEngine(product, scheduled(WORKFLOWS), async ({ owner }) => {
    const { rows: fired } = await owner.query<{ workflow_id: string; due: string; late: number; queued: number }>(
      `SELECT workflow_id, input::json ->> 'scheduledAt' AS due, extract(epoch FROM queued_at - (input::json ->> 'scheduledAt')::timestamptz)::float8 * 1000 AS late,
              extract(epoch FROM queued_at)::float8 AS queued FROM run WHERE trigger = 'schedule' AND workflow_id IN (SELECT id FROM workflow WHERE slug LIKE 'bench-schedule-%') ORDER BY queued_at`,
    );
    const twice = fired.length - new Set(fired.map((f) => `${f.workflow_id} ${f.due}`)).size;
    // what was missed while it was down fires once, late, by policy
    const onTime = fired.filter((f) => f.late < 1_000).map((f) => f.late);
    const caughtUp = new Set(fired.filter((f) => f.late >= 1_000).map((f) => f.workflow_id)).size;
    await owner.query(`DELETE FROM trigger WHERE type = 'schedule' AND workflow_id IN (SELECT id FROM workflow WHERE slug LIKE 'bench-schedule-%')`);
    return [
      {
        name: 'schedules, how late they fire, p95',
        value: percentile(onTime, 0.95),
        unit: 'ms',
        goal: 50,
        better: 'lower',
        note: `${onTime.length} starts of ${WORKFLOWS} schedules, three schedulers`,
      },
      { name: 'schedules fired twice', value: twice, unit: '', goal: 0, better: 'lower' },
      {
        name: 'schedules caught up after downtime',
        value: caughtUp,
        unit: '',
        goal: WORKFLOWS,
        better: 'higher',
        note: `of ${WORKFLOWS}, ${DOWN_SECONDS} s down: one late start each`,
      },
    ] satisfies Row[];
  });
  await product.restart({ HEDDLE_WORKERS: '1' });
  return rows;
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
