import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { beginning } from '@/core/node/beginning';
import { type RunService, StepError } from '@/core/node/executor';
import { checkInput } from '@/core/workflow/input';
import type { JsonObject } from '@/core/workflow/workflow';
import type { OrganizationId } from '@/server/db/transaction';
import { Invalid } from '@/server/lib/errors';
import { enginePool } from '@/server/queue/engine-pool';
import { enqueueRunOn } from '@/server/queue/enqueue';
import { limitsOfStartOn, storedSettings } from '@/server/queue/limits-of-start';
import type { RunLimits } from '@/server/queue/run-limits';

/** Workflows may call each other this deep; a circle of them ends here. */
const deepest = 16;
/** So many runs may one run lead to, at any depth: calls in loops multiply. */
const mostCalls = 10_000;

type Caller = Parameters<RunService['call']>[0];
type Request = Parameters<RunService['call']>[1];

const final = (code: string, message: string) => new StepError(code, message, { retryable: false });

const noWorkflow = ({ workflow }: Request) =>
  final('no_such_workflow', `There is no workflow "${beginning(workflow.replaceAll('\u0000', '\ufffd'), 100)}" in this organization.`);

/** Starts runs of other workflows for steps (node type `workflow`): the run, its queue row and the note that this step started it in one transaction. */
export const callWorkflow: RunService = {
  async call(caller, request) {
    const client = await enginePool().connect();
    try {
      await client.query('BEGIN');
      const called = await call(client, caller, request);
      await client.query('COMMIT');
      return called;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  },
};

async function call(client: pg.PoolClient, caller: Caller, request: Request): ReturnType<RunService['call']> {
  const { organizationId } = caller;
  // PostgreSQL refuses such a text, and no slug has them
  if (request.workflow.includes('\u0000')) throw noWorkflow(request);
  const { rows } = await client.query<{ id: string; slug: string; current_version_id: string | null }>(
    'SELECT id, slug, current_version_id FROM workflow WHERE organization_id = $1 AND slug = $2 AND deleted_at IS NULL',
    [organizationId, request.workflow],
  );
  const workflow = rows[0];
  if (!workflow) throw noWorkflow(request);
  const version = await versionOf(client, organizationId, workflow, request.version);
  const before = await startedBefore(client, caller);
  if (before) return { runId: before, workflow: workflow.slug, version: version.number };
  const { schema, priority } = settingsOf(version.definition);
  const problem = schema ? checkInput(schema, request.input)[0] : undefined;
  if (problem) throw final('invalid_input', `The input does not fit the workflow "${workflow.slug}": ${problem.path} ${problem.message}`);
  const { depth, root } = await placeOf(client, caller);
  await count(client, organizationId, root);
  const runId = uuid();
  await enqueueRunOn(client, {
    organizationId: organizationId as OrganizationId,
    id: runId,
    workflowId: workflow.id,
    versionId: version.id,
    trigger: 'workflow',
    input: request.input,
    priority: request.priority ?? priority,
    limits: await limitsOf(client, organizationId, workflow.id, version, request),
  });
  await client.query('UPDATE run SET caller_run_id = $3, caller_path = $4, reports = $5, depth = $6, root_run_id = $7 WHERE organization_id = $1 AND id = $2', [
    organizationId,
    runId,
    caller.runId,
    caller.path,
    request.report,
    depth,
    root,
  ]);
  await client.query('INSERT INTO run_call (organization_id, caller_run_id, caller_path, try_key, run_id) VALUES ($1, $2, $3, $4, $5)', [
    organizationId,
    caller.runId,
    caller.path,
    caller.tryKey,
    runId,
  ]);
  return { runId, workflow: workflow.slug, version: version.number };
}

/** The gates that the run has to pass; its keys do not count, since each call is a run of its own. */
async function limitsOf(client: pg.PoolClient, organizationId: string, workflowId: string, version: Version, request: Request): Promise<RunLimits | undefined> {
  const { number, definition } = version;
  const started = { organizationId: organizationId as OrganizationId, workflowId, number, settings: storedSettings(definition) };
  try {
    return await limitsOfStartOn(client, started, request.input);
  } catch (error) {
    if (error instanceof Invalid) throw final('invalid_input', `The input does not fit the limits of the workflow "${request.workflow}": ${error.message}`);
    throw error;
  }
}

async function startedBefore(client: pg.PoolClient, { organizationId, runId, path, tryKey }: Caller): Promise<string | undefined> {
  const { rows } = await client.query<{ run_id: string }>(
    'SELECT run_id FROM run_call WHERE organization_id = $1 AND caller_run_id = $2 AND caller_path = $3 AND try_key = $4',
    [organizationId, runId, path, tryKey],
  );
  return rows[0]?.run_id;
}

/** One call more of those that a run has led to; the calls of one tree take turns here until they commit. Throws `too_many_runs`. */
async function count(client: pg.PoolClient, organizationId: string, root: string): Promise<void> {
  const { rows } = await client.query<{ calls: number }>(
    `INSERT INTO run_tree AS t (organization_id, root_run_id, calls) VALUES ($1, $2, 1)
     ON CONFLICT (organization_id, root_run_id) DO UPDATE SET calls = t.calls + 1 RETURNING calls`,
    [organizationId, root],
  );
  if ((rows[0]?.calls ?? 1) > mostCalls)
    throw final('too_many_runs', `The run ${root} has led to ${mostCalls} runs already. Do its workflows call each other in a loop?`);
}

/** How deep the new run is, and the run at the beginning of its calls. Throws `too_deep` with the chain of workflows that leads there. */
async function placeOf(client: pg.PoolClient, { organizationId, runId }: Caller): Promise<{ depth: number; root: string }> {
  const { rows } = await client.query<{ depth: number; root: string | null }>(
    'SELECT depth, root_run_id AS root FROM run WHERE organization_id = $1 AND id = $2',
    [organizationId, runId],
  );
  const depth = (rows[0]?.depth ?? 0) + 1;
  if (depth <= deepest) return { depth, root: rows[0]?.root ?? runId };
  const chain = await client.query<{ slug: string }>(
    `WITH RECURSIVE c AS (SELECT caller_run_id, workflow_id, 1 AS n FROM run WHERE organization_id = $1 AND id = $2
       UNION ALL SELECT r.caller_run_id, r.workflow_id, c.n + 1 FROM c JOIN run r ON r.organization_id = $1 AND r.id = c.caller_run_id WHERE c.n < 6)
     SELECT w.slug FROM c JOIN workflow w ON w.organization_id = $1 AND w.id = c.workflow_id ORDER BY c.n DESC`,
    [organizationId, runId],
  );
  const names = chain.rows.map((r) => r.slug).join(' → ');
  throw final('too_deep', `Workflows call each other more than ${deepest} deep: … → ${names}. Do they go round in a circle?`);
}

interface Version {
  id: string;
  number: number;
  definition: { workflow?: JsonObject };
}

/** `current`, a number, or the newest of a range of numbers. */
async function versionOf(
  client: pg.PoolClient,
  organizationId: string,
  workflow: { id: string; slug: string; current_version_id: string | null },
  range?: string,
): Promise<Version> {
  const [from, to] = boundsOf(range);
  const { rows } = await client.query<Version>(
    range === undefined
      ? 'SELECT id, number, definition FROM workflow_version WHERE organization_id = $1 AND workflow_id = $2 AND id = $3'
      : `SELECT id, number, definition FROM workflow_version WHERE organization_id = $1 AND workflow_id = $2 AND number BETWEEN $3 AND $4
          ORDER BY number DESC LIMIT 1`,
    range === undefined ? [organizationId, workflow.id, workflow.current_version_id] : [organizationId, workflow.id, from, to],
  );
  if (rows[0]) return { ...rows[0], number: rows[0].number ?? 0 };
  if (range === undefined) throw final('not_published', `The workflow "${workflow.slug}" was never published.`);
  throw final('no_such_version', `The workflow "${workflow.slug}" has no version ${range}.`);
}

function boundsOf(range = ''): [number, number] {
  const most = 2_147_483_647;
  const [, sign, first, last] = /^(>=|<=)?\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?$/.exec(range) ?? [];
  const number = Number(first ?? 0);
  if (sign === '>=') return [number, most];
  if (sign === '<=') return [1, number];
  return [number, last === undefined ? number : Number(last)];
}

function settingsOf({ workflow }: Version['definition']): { schema: JsonObject | undefined; priority: number } {
  const priority = Number((workflow?.settings as JsonObject | undefined)?.priority ?? 0);
  return { schema: workflow?.input as JsonObject | undefined, priority: Number.isInteger(priority) ? Math.max(-100, Math.min(100, priority)) : 0 };
}
