import type { Database } from './database';
import { type Check, check, grouped } from './figures';
import type { Acknowledged, Load } from './load';

export interface StoredRun {
  id: string;
  status: string;
  n: number | null;
  /** the run that called it, as its input says */
  parent: string | undefined;
  error: string | null;
  workflow: string;
}

/** Every run the database holds. */
export async function storedRuns(database: Database): Promise<Map<string, StoredRun>> {
  const rows = await database.query<{ id: string; status: string; input: string; error: string | null; workflow: string }>(
    'SELECT r.id, r.status, r.input, r.error, w.slug AS workflow FROM run r JOIN workflow w ON w.organization_id = r.organization_id AND w.id = r.workflow_id',
  );
  return new Map(
    rows.map(({ input, ...run }) => {
      const { n = null, parent } = JSON.parse(input) as { n?: number; parent?: string };
      return [run.id, { ...run, n, parent }];
    }),
  );
}

const ended = new Set(['succeeded', 'failed', 'cancelled']);
const failing: Record<string, RegExp> = {
  'greedy-code': /memory|out_of|limit|timeout|sandbox/i,
  'greedy-output': /too_large|longer than/,
  'poison-exit': /poison/i,
  'poison-memory': /poison/i,
};

/** Nothing acknowledged is lost, nothing is stuck, and each run ended as its workflow does. */
export function checkRuns(runs: Map<string, StoredRun>, load: Load): Check[] {
  const acknowledged = [...load.acknowledged.values()];
  const byNumber = new Map<number, string[]>();
  for (const run of runs.values()) if (run.n !== null) byNumber.set(run.n, [...(byNumber.get(run.n) ?? []), run.id]);
  const all = [...runs.values()];
  const children = grouped(
    all.filter((r) => r.parent),
    (r) => r.parent ?? '',
  );
  const families = all.filter((r) => r.workflow === 'chaos-family' && r.status === 'succeeded');
  return [
    check('acknowledged runs lost', acknowledged.length, acknowledged.filter((a) => !runs.has(a.runId)).map(shown)),
    check(
      'runs stuck',
      all.length,
      all.filter((r) => !ended.has(r.status)).map((r) => `${r.id} ${r.status} (${r.workflow})`),
    ),
    check(
      'runs that ended otherwise than their workflow does',
      all.length,
      all.filter((r) => ended.has(r.status) && !endedWell(r)).map((r) => `${r.id} ${r.workflow} ${r.status} ${(r.error ?? '').slice(0, 160)}`),
    ),
    check(
      'requests with an Idempotency-Key that made other than one run',
      load.keyed.size,
      [...load.keyed].filter((n) => byNumber.get(n)?.length !== 1).map((n) => `request ${n}: ${byNumber.get(n)?.join(', ') ?? 'no run'}`),
    ),
    check(
      'runs that called other than one run',
      families.length,
      families.filter((r) => children.get(r.id)?.length !== 1).map((r) => `${r.id} called ${children.get(r.id)?.map((c) => c.id) ?? 'none'}`),
    ),
    check(
      'hooks answered 200 whose run had not succeeded',
      acknowledged.filter((a) => a.way === 'hook 200' && a.status === 200).length,
      acknowledged.filter((a) => a.way === 'hook 200' && a.status === 200 && runs.get(a.runId)?.status !== 'succeeded').map(shown),
    ),
  ];
}

const shown = (a: Acknowledged) => `${a.runId} (request ${a.n}, ${a.way}, ${a.kind}, answered ${a.status})`;

function endedWell({ workflow, status, error }: StoredRun): boolean {
  const reason = failing[workflow];
  return reason ? status === 'failed' && reason.test(error ?? '') : status === 'succeeded';
}
