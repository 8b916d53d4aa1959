import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredRun } from './check-runs';
import { type Check, check, type Figure, grouped, percentile } from './figures';
import type { Installation } from './installation';
import { call } from './workflows';

interface Letter {
  runId: string;
  reason: string;
  attempts: number;
  at: string;
}

/** Every run that killed its processes is a dead letter as the API shows it, after three tries; nothing else is. */
export async function checkDeadLetters(
  installation: Installation,
  runs: Map<string, StoredRun>,
  calm: string[],
): Promise<{ checks: Check[]; figures: Figure[] }> {
  const letters = new Map((await allLetters(installation)).map((l) => [l.runId, l]));
  const poisons = [...runs.values()].filter((r) => r.workflow.startsWith('poison'));
  if (poisons.length === 0) return { checks: [], figures: [] };
  const tries = triesOf(installation);
  const innocent = [...letters.values()].filter((l) => !runs.get(l.runId)?.workflow.startsWith('poison'));
  const times = calm.flatMap((id) => {
    const first = tries.get(id)?.[0];
    const letter = letters.get(id);
    return first && letter ? [Date.parse(letter.at) - first] : [];
  });
  const counts = grouped(poisons, (r) => String(tries.get(r.id)?.length ?? 0));
  return {
    checks: [
      check(
        'poison runs that are no dead letters',
        poisons.length,
        poisons.filter((r) => letters.get(r.id)?.reason !== 'poisoned').map((r) => `${r.id} ${r.status} ${letters.get(r.id)?.reason ?? 'no letter'}`),
      ),
      check(
        'poison runs without other faults that had other than three tries',
        calm.length,
        calm.filter((id) => tries.get(id)?.length !== 3).map((id) => `${id} took ${tries.get(id)?.length ?? 0} processes`),
      ),
      check(
        'dead letters of runs that are no poison',
        runs.size - poisons.length,
        innocent.map((l) => `${l.runId} ${runs.get(l.runId)?.workflow} ${l.reason} after ${l.attempts}`),
      ),
    ],
    figures: [
      { name: 'poison: from its first kill to the dead letter', value: percentile(times, 0.5) / 1_000, unit: 's', note: 'without other faults' },
      {
        name: 'poison runs',
        value: poisons.length,
        unit: '',
        note: [...counts].map(([n, list]) => `${list.length} took ${n} processes`).join(', '),
      },
    ],
  };
}

async function allLetters({ url, organizations }: Installation): Promise<Letter[]> {
  const all: Letter[] = [];
  for (const organization of organizations) {
    for (let cursor = ''; ; ) {
      const path = `/api/v1/dead-letters?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
      const { items, nextCursor } = await call<{ items: Letter[]; nextCursor: string | null }>(url, organization, 'GET', path);
      all.push(...items);
      if (!nextCursor) break;
      cursor = nextCursor;
    }
  }
  return all;
}

/** When each poison run took a process with it, as the processes noted with their last breath. */
function triesOf({ home }: Installation): Map<string, number[]> {
  const file = join(home, 'logs/tries.ndjson');
  const tries = new Map<string, number[]>();
  if (!existsSync(file)) return tries;
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { at, path } = JSON.parse(line) as { at: number; path: string };
    const run = path.split('/').at(-1) ?? '';
    tries.set(run, [...(tries.get(run) ?? []), at]);
  }
  return tries;
}
