import type { Failure } from '@/core/engine/events';
import type { Graph } from '@/core/engine/graph';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import type { EventRow } from './commit-log';
import type { EngineHost } from './engine-host';
import type { Lease } from './lease';
import { ownVariables } from './own-variables';
import { runnableVersion } from './versions';

/**
 * Ends a run that killed the processes which executed it: it fails with the steps that were in flight, and becomes a dead letter. Rejects like CommitLog.append; may
 * then be called again, even when nobody knows whether the commit was written.
 */
export async function convict(lease: Lease, host: EngineHost): Promise<Failure> {
  const { organization_id: organizationId, run_id: runId } = lease;
  const log = await outline(organizationId, runId);
  const containers = await containersOf(lease);
  // a loop is in flight for as long as something in it is
  const guilty = log.open.filter(({ path }) => !containers.has(idOf(path)));
  const deaths = Math.max(lease.deaths ?? 1, 1);
  const paths = (guilty.length > 0 ? guilty : log.open).map(({ path }) => path);
  const error = verdict(deaths, paths, log.succeeded);
  if (log.ended) return error;
  const now = host.clock.now();
  let seq = log.seq;
  const row = (type: string, path: string, data: object): EventRow => ({ seq: ++seq, type, path, at: now, data: JSON.stringify(data) });
  const events = [
    ...(seq === 0 ? [row('run.started', '', { attempt: 1 })] : []),
    ...log.open.map(({ path, attempt, at }) => row('step.failed', path, { attempt, startedAt: at, error: { ...error, step: path } })),
    row('run.failed', '', { error }),
  ];
  const update = { status: 'failed' as const, output: '', error: JSON.stringify(error), costUsd: log.cost, startedAt: log.began ?? now, finishedAt: now };
  const { code, message, step = '' } = error;
  const letter = { kind: 'dead_letter' as const, name: step, data: JSON.stringify({ code, message, attempts: deaths, reason: 'poisoned' }) };
  await host.log.append({ organizationId, runId, events, update, extras: [letter] });
  const steps = guilty.map(({ path }) => path);
  logger.error({ organizationId, runId, versionId: lease.version_id, steps, deaths }, 'a run was moved to the dead letters: it poisoned its workers');
  return error;
}

interface Outline {
  seq: number;
  began: number | null;
  cost: number;
  /** what had begun and not ended */
  open: { path: string; attempt: number; at: number }[];
  /** the step that succeeded last */
  succeeded: string | null;
  /** the log has its end */
  ended: boolean;
}

/**
 * What has to be known of the log, without its inputs and outputs: perhaps it is they that are too much for a process. Nothing is parsed: PostgreSQL refuses JSON with
 * \u0000 or half a surrogate pair. The cost stands at the end of a checkpoint (StepRunner.toEvent), outside of what the step put out.
 */
async function outline(organizationId: string, runId: string): Promise<Outline> {
  const { rows } = await enginePool().query<Omit<Outline, 'open'> & { open: Outline['open'] | null }>({
    name: 'run-outline',
    text: `WITH e AS MATERIALIZED (
             SELECT seq, type, path, round(extract(epoch FROM at) * 1000)::float8 AS at, substring(left(data, 40) FROM '"attempt":(\\d+)')::int AS attempt,
                    CASE WHEN type = 'step.succeeded' THEN substring(right(data, 200) FROM ',"costUsd":([0-9][0-9.eE+-]*)(?:,"tokens":\\{[^{}]*\\})?\\}$')::float8 END AS cost
               FROM run_event WHERE organization_id = $1 AND run_id = $2),
           l AS (SELECT DISTINCT ON (path) * FROM e WHERE type LIKE 'step.%' AND type <> 'step.log' ORDER BY path, seq DESC)
      SELECT coalesce(max(seq), 0) AS seq, min(at) AS began, coalesce(sum(cost), 0) AS cost,
             (SELECT json_agg(json_build_object('path', path, 'attempt', coalesce(attempt, 1), 'at', at) ORDER BY seq) FROM l WHERE type = 'step.started') AS open,
             (SELECT path FROM e WHERE type = 'step.succeeded' ORDER BY seq DESC LIMIT 1) AS succeeded,
             coalesce(bool_or(type IN ('run.succeeded', 'run.failed', 'run.cancelled')), false) AS ended
        FROM e`,
    values: [organizationId, runId],
  });
  const [found] = rows;
  return { seq: 0, began: null, cost: 0, succeeded: null, ended: false, ...found, open: found?.open ?? [] };
}

/** Ids of the steps that hold others; none when the version cannot be compiled. */
async function containersOf(lease: Lease): Promise<Set<string>> {
  const ids = new Set<string>();
  const collect = (graph: Graph) => {
    for (const { id, body } of graph.steps) {
      if (!body) continue;
      ids.add(id);
      collect(body);
    }
  };
  try {
    collect((await runnableVersion(lease.organization_id, lease.version_id, ownVariables())).graph);
  } catch {}
  return ids;
}

/** A path names the iteration; the step is what a retry starts from. */
const idOf = (path: string): string => path.replace(/\[.*$/, '');

function verdict(deaths: number, paths: string[], succeeded: string | null): Failure {
  const several = `${deaths} processes died while they executed this run, the last with nothing else in it`;
  const died = deaths === 1 ? 'The process that executed this run died, and it was alone in it' : several;
  const names = paths.map((path) => `"${path}"`);
  const listed = `${names.slice(0, 9).join(', ')}${names.length > 9 ? ` and ${names.length - 9} more` : ''}`;
  const none = `No task was in flight; look at steps that only compute${succeeded ? `, after "${succeeded}"` : ''}.`;
  const where = names.length === 0 ? none : names.length === 1 ? `In flight was the step ${names[0]}.` : `In flight were the steps ${listed}.`;
  const step = paths.length === 1 && paths[0] ? idOf(paths[0]) : undefined;
  return { code: 'poisoned', message: `${died}. ${where} It is not tried again by itself.`, ...(step ? { step } : {}) };
}
