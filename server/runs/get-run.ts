import type { z } from 'zod';
import { type Failure, isTerminal, type RunStatus, type StepStatus } from '@/core/engine/events';
import type { RunView, StepWait } from '@/core/runs/fold-run';
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
  input: Json;
  output: Json;
  error: Failure | null;
  port: string | null;
  costUsd: number;
  tokens: { input: number; output: number } | null;
  logs: { at: string; level: string; message: string; fields?: Record<string, Json> }[];
  /** of a run with much data: `truncatedBytes` of this step's input, output and logs are left out; its events have them */
  truncated?: true;
  truncatedBytes?: number;
}

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
  parentRunId: string | null;
  retryFrom: string | null;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** US dollars */
  cost: number;
  /** seq of the last event folded in: subscribe to runs.events from here */
  lastEventId: number;
  steps: RunStep[];
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A run as the fold of its log; every step of its version is listed, pending ones too. Throws NotFound. */
export async function getRun(ctx: Context, input: z.input<typeof runIdInput>): Promise<RunDetail> {
  authorize(ctx, 'run:read');
  const { runId } = parseInput(runIdInput, input);
  const { organizationId } = ctx;
  // the row before the log: when it says that the run has ended, the log read after it is complete
  const { run, workflow, version } = await withTenant(organizationId, async (tx) => {
    const row = await requireRun(tx, ctx, runId);
    const of = await tx.workflow.findUniqueOrThrow({
      where: { organizationId_id: { organizationId, id: row.workflowId } },
      select: { id: true, slug: true, title: true, deletedAt: true },
    });
    return { run: row, workflow: of, version: await readVersion(tx, ctx, row.versionId) };
  });
  const { graph } = version;
  const { view, leftOut } = await foldLog(ctx.organizationId, runId, graph.steps);
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
    parentRunId: run.parentRunId,
    retryFrom: run.retryFrom || null,
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
    ...(leftOut.has(s.path) ? { truncated: true as const, truncatedBytes: leftOut.get(s.path) ?? 0 } : {}),
  }));
}
