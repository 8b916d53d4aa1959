import type { Failure, RunEvent } from '@/core/engine/events';
import { logger } from '@/server/lib/logger';
import type { EventRow } from './commit-log';
import type { EngineHost } from './engine-host';
import type { Lease } from './lease';
import { readRunLog } from './run-log';

/** Ends a run that killed the processes which executed it: it fails with the steps that were in flight, and becomes a dead letter. Rejects like CommitLog.append. */
export async function convict(lease: Lease, host: EngineHost): Promise<Failure> {
  const { organization_id: organizationId, run_id: runId } = lease;
  const log = await readRunLog(organizationId, runId);
  const open = stepsInFlight(log);
  const deaths = Math.max(lease.deaths ?? 1, 1);
  const error = verdict(deaths, [...open.keys()], log);
  const now = host.clock.now();
  let seq = log.at(-1)?.seq ?? 0;
  const row = (type: string, path: string, data: object): EventRow => ({ seq: ++seq, type, path, at: now, data: JSON.stringify(data) });
  const events = [
    ...(log.length === 0 ? [row('run.started', '', { attempt: 1 })] : []),
    ...[...open].map(([path, started]) => row('step.failed', path, { attempt: started.attempt, startedAt: started.at, error: { ...error, step: path } })),
    row('run.failed', '', { error }),
  ];
  const costUsd = log.reduce((sum, e) => sum + (e.type === 'step.succeeded' ? (e.costUsd ?? 0) : 0), 0);
  const update = { status: 'failed' as const, output: '', error: JSON.stringify(error), costUsd, startedAt: log[0]?.at ?? now, finishedAt: now };
  const letter = {
    kind: 'dead_letter' as const,
    name: error.step ?? '',
    data: JSON.stringify({ code: error.code, message: error.message, attempts: deaths, reason: 'poisoned' }),
  };
  await host.log.append({ organizationId, runId, events, update, extras: [letter] });
  logger.error(
    { organizationId, runId, versionId: lease.version_id, steps: [...open.keys()], deaths },
    'a run was moved to the dead letters: it poisoned its workers',
  );
  return error;
}

type Started = Extract<RunEvent, { type: 'step.started' }>;

/** What had begun and was not ended when the log stops, by path. */
function stepsInFlight(log: RunEvent[]): Map<string, Started> {
  const open = new Map<string, Started>();
  for (const event of log) {
    if (event.type === 'step.started') open.set(event.path, event);
    else if (event.type.startsWith('step.') && event.type !== 'step.log' && 'path' in event) open.delete(event.path);
  }
  return open;
}

function verdict(deaths: number, paths: string[], log: RunEvent[]): Failure {
  const times =
    deaths === 1
      ? 'The process that executed this run died, and it was alone in it'
      : `${deaths} processes died while they executed this run, the last with nothing else in it`; // prettier-ignore
  const names = paths.map((path) => `"${path}"`);
  const last = log.findLast((e) => e.type === 'step.succeeded');
  const where =
    names.length === 1
      ? `In flight was the step ${names[0]}.`
      : names.length > 1
        ? `In flight were the steps ${names.slice(0, 9).join(', ')}${names.length > 9 ? ` and ${names.length - 9} more` : ''}.`
        : `No task was in flight; look at steps that only compute${last && 'path' in last ? `, after "${last.path}"` : ''}.`;
  // a loop's path names the iteration; the step is what a retry starts from
  const step = paths.length === 1 ? paths[0]?.replace(/\[.*$/, '') : undefined;
  return { code: 'poisoned', message: `${times}. ${where} It is not tried again by itself.`, ...(step ? { step } : {}) };
}
