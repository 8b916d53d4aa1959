import { v7 as uuid } from 'uuid';
import type { Failure, RunStatus } from '@/core/engine/events';
import type { HttpAnswer } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { nodeExecutors } from '@/nodes/executors';
import { isConnectionLoss } from '@/server/lib/database-errors';
import { enginePool } from '@/server/queue/engine-pool';
import { EngineClock } from './clock';
import { CommitLog } from './commit-log';
import type { EngineHost } from './engine-host';
import { ownVariables } from './own-variables';
import { RunExecution } from './run-execution';
import { runScope } from './run-scope';
import { runnableVersion } from './versions';

export interface AcceptedRun {
  /** made here when absent; a run of that id that is there already rejects with PostgreSQL's 23505 */
  runId?: string;
  organizationId: string;
  workflowId: string;
  versionId: string;
  trigger: 'manual' | 'api' | 'webhook' | 'schedule' | 'event' | 'retry';
  input: Json;
  priority?: number;
}

export type InlineResult =
  | { runId: string; handedOver: false; status: RunStatus; output?: Json; error?: Failure; respond?: HttpAnswer }
  | { runId: string; handedOver: true };

interface Inline {
  host: EngineHost;
  ready: Promise<void>;
}
let shared: Inline | undefined;

function inline(): Inline {
  if (!shared) {
    const clock = new EngineClock();
    const unreachable = () => {
      throw new Error('inline runs hand over before a task step');
    };
    const host: EngineHost = {
      log: new CommitLog(),
      clock,
      executors: nodeExecutors as EngineHost['executors'],
      services: { http: { request: unreachable }, models: { generate: unreachable }, sandbox: { run: unreachable }, search: { search: unreachable } },
    };
    shared = { host, ready: clock.synchronize(enginePool()) };
    shared.ready.catch(() => {
      shared = undefined;
    });
  }
  return shared;
}

/** Saves a run and puts it into the queue, in one group commit with whatever else this process accepts. Resolves when it is durable. */
export async function acceptRun(run: AcceptedRun): Promise<string> {
  const { host, ready } = inline();
  await ready;
  const runId = run.runId ?? uuid();
  const { organizationId } = run;
  const create = newRow(run, host.clock.now());
  await host.log.append({ organizationId, runId, events: [], create }).catch((error) => existsAfterAll(organizationId, runId, error));
  return runId;
}

/** A connection lost during a commit leaves open whether it was written: look. Rejects with the error when the run does not exist. */
async function existsAfterAll(organizationId: string, runId: string, error: unknown): Promise<void> {
  if (!isConnectionLoss(error)) throw error;
  const { rows } = await enginePool().query('SELECT 1 FROM run WHERE organization_id = $1 AND id = $2', [organizationId, runId]);
  if (rows.length === 0) throw error;
}

/**
 * Executes a run in this process up to its first task step; everything is saved before the promise resolves. At a task step, or after 50 ms of
 * computing, the run goes on in a worker (`handedOver`). Rejects when the database does not take it: then the run does not exist.
 */
export async function runInline(run: AcceptedRun): Promise<InlineResult> {
  const { host, ready } = inline();
  await ready;
  const version = await runnableVersion(run.organizationId, run.versionId, ownVariables());
  const runId = run.runId ?? uuid();
  const startedAt = host.clock.now();
  return new Promise((resolve, reject) => {
    const scope = runScope(run.organizationId, runId, version, run.input, startedAt);
    const execution = new RunExecution(
      { ...run, runId },
      version.graph,
      scope,
      host,
      (release) => {
        if (release.kind === 'ended') resolve({ runId, handedOver: false, ...release.outcome });
        else if (release.kind === 'handed-over') resolve({ runId, handedOver: true });
        else if (release.kind === 'unsaved') existsAfterAll(run.organizationId, runId, release.error).then(() => resolve({ runId, handedOver: true }), reject);
        else reject(new Error(`an inline run was ${release.kind}`));
      },
      { ...newRow(run, startedAt), queue: false },
    );
    execution.start();
  });
}

function newRow(run: AcceptedRun, queuedAt: number) {
  return {
    workflowId: run.workflowId,
    versionId: run.versionId,
    trigger: run.trigger,
    input: JSON.stringify(run.input),
    status: 'queued' as const,
    output: '',
    error: '',
    queuedAt,
    finishedAt: undefined,
    priority: run.priority ?? 0,
    queue: true,
  };
}

/** Writes out what is pending and disconnects, at shutdown and after tests. */
export async function closeInline(): Promise<void> {
  const closing = shared;
  shared = undefined;
  await closing?.host.log.close();
}
