import type { z } from 'zod';
import { type Failure, isTerminal, type RunStatus, type StepStatus } from '@/core/engine/events';
import type { ForkPlan } from '@/core/engine/plan-fork';
import type { RunView, StepWait } from '@/core/runs/fold-run';
import type { BodySteps, ItemView, LoopView } from '@/core/runs/loop-view';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { readVersion } from '@/server/workflows';
import { foldLog } from './fold-log';
import { requireRun } from './internal';
import { runId as runIdInput } from './schema';

export interface RunStep {
  id: string;
  path: string;
  title: string;
  type: string;
  status: StepStatus;
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  until: string | null;
  wait: StepWait | null;
  /** the run of another workflow that it started */
  childRunId: string | null;
  input: Json;
  output: Json;
  error: Failure | null;
  port: string | null;
  /** its result came from the run that this one was made from: its times are that run's */
  kept?: true;
  costUsd: number;
  tokens: { input: number; output: number } | null;
  logs: { at: string; level: string; message: string; fields?: Record<string, Json> }[];
  /** of a loop that has begun: counts, and of its iterations those under way, the newest and the newest that failed */
  loop: (Omit<LoopView, 'items'> & { items: RunItem[] }) | null;
  /** of a run with much data: `truncatedBytes` of this step's input, output and logs are left out; its events have them */
  truncated?: true;
  truncatedBytes?: number;
}

/** An iteration of a loop; its steps stand among the run's, by paths that end like this one. */
export type RunItem = Omit<ItemView, 'startedAt' | 'finishedAt'> & { path: string; startedAt: string; finishedAt: string | null };

export interface RunDetail {
  id: string;
  workflow: { id: string; slug: string; title: string };
  /** number of the published version; null: a test run of a draft */
  version: number | null;
  versionId: string;
  /** the definition that ran, an AWL document, for the canvas */
  document: JsonObject;
  status: RunStatus;
  trigger: string;
  startedBy: string | null;
  input: Json;
  output: Json;
  error: Failure | null;
  priority: number;
  /** while somebody halts it */
  paused: { at: string; by: string | null } | null;
  parentRunId: string | null;
  retryFrom: string | null;
  /** how it was made from that run, when not by a plain retry: what it kept, and the steps whose result was put there by hand */
  fork: { kind: ForkPlan['kind']; kept: string[]; edited: string[] } | null;
  /** the run and the step that started it */
  caller: { runId: string; path: string } | null;
  /** runs that its steps started, by the path of the step */
  calls: { path: string; runId: string }[];
  /** the steps inside loops, by id */
  bodies: BodySteps;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** US dollars */
  cost: number;
  /** seq of the last event folded in: subscribe to runs.events from here */
  lastEventId: number;
  steps: RunStep[];
}

/** of the runs that steps started, the newest */
const mostCalls = 500;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A run as the fold of its log; every step of its version is listed, pending ones too. Throws NotFound, and TooManyRequests for one long run too many. */
export async function getRun(ctx: Context, input: z.input<typeof runIdInput>): Promise<RunDetail> {
  authorize(ctx, 'run:read');
  const { runId } = parseInput(runIdInput, input);
  const { organizationId } = ctx;
  // the row before the log: when it says that the run has ended, the log read after it is complete
  const { run, workflow, version, calls, last } = await withTenant(organizationId, async (tx) => {
    const row = await requireRun(tx, ctx, runId);
    const of = await tx.workflow.findUniqueOrThrow({
      where: { organizationId_id: { organizationId, id: row.workflowId } },
      select: { id: true, slug: true, title: true, deletedAt: true },
    });
    const started = await tx.runCall.findMany({
      where: { organizationId, callerRunId: runId },
      select: { callerPath: true, runId: true },
      orderBy: { at: 'desc' },
      take: mostCalls,
    });
    const { _max: newest } = await tx.runEvent.aggregate({ where: { organizationId, runId }, _max: { seq: true } });
    return { run: row, workflow: of, version: await readVersion(tx, ctx, row.versionId), calls: started, last: newest.seq ?? 0 };
  });
  const { graph } = version;
  const { view, leftOut } = await foldLog(ctx.organizationId, runId, graph.steps, { last, ended: isTerminal(run.status) });
  // the row may be a moment ahead of or behind the log; the end of a run is the row's to tell
  const status = isTerminal(run.status) || view.seq === 0 ? run.status : view.status;
  return {
    id: run.id,
    workflow: { id: workflow.id, slug: workflow.deletedAt ? graph.name : workflow.slug, title: workflow.title },
    version: version.number,
    versionId: version.id,
    document: version.document,
    status,
    trigger: run.trigger,
    startedBy: run.startedBy,
    input: JSON.parse(run.input) as Json,
    output: run.output === null ? view.output : (JSON.parse(run.output) as Json),
    error: run.error === null ? view.error : (JSON.parse(run.error) as Failure),
    priority: run.priority,
    paused: run.pausedAt === null || isTerminal(run.status) ? null : { at: run.pausedAt.toISOString(), by: view.paused?.by ?? null },
    parentRunId: run.parentRunId,
    retryFrom: run.retryFrom || null,
    fork: forkOf(run.fork),
    caller: run.callerRunId === null ? null : { runId: run.callerRunId, path: run.callerPath ?? '' },
    calls: calls.map((c) => ({ path: c.callerPath, runId: c.runId })),
    bodies: view.bodies,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? iso(view.startedAt),
    finishedAt: run.finishedAt?.toISOString() ?? iso(view.finishedAt),
    cost: Math.max(run.costUsd, view.costUsd),
    lastEventId: view.seq,
    steps: toSteps(view, leftOut),
  };
}

function toSteps(view: RunView, leftOut: ReadonlyMap<string, number>): RunStep[] {
  return view.steps.map((s) => ({
    ...s,
    startedAt: iso(s.startedAt),
    finishedAt: iso(s.finishedAt),
    until: iso(s.until),
    logs: s.logs.map((l) => ({ ...l, at: new Date(l.at).toISOString() })),
    loop: s.loop && { ...s.loop, items: s.loop.items.map((i) => toItem(s.path, i)) },
    ...(leftOut.has(s.path) ? { truncated: true as const, truncatedBytes: leftOut.get(s.path) ?? 0 } : {}),
  }));
}

function toItem(loop: string, item: ItemView): RunItem {
  return { ...item, path: `${loop}[${item.index}]`, startedAt: new Date(item.startedAt).toISOString(), finishedAt: iso(item.finishedAt) };
}

function forkOf(text: string | null): RunDetail['fork'] {
  if (text === null) return null;
  const { kind, keep, outputs = {} } = JSON.parse(text) as ForkPlan;
  return { kind, kept: keep, edited: Object.keys(outputs) };
}
