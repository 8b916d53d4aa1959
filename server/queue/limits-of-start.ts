import type pg from 'pg';
import { parseAwl } from '@/core/workflow/awl';
import type { Json, JsonObject, WorkflowSettings } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { heddleUrl } from '@/server/lib/egress';
import { isLimited, type LimitScope, needsVariables, type RunLimits, runLimits } from './run-limits';

/** The version that is about to be started. */
export interface StartedVersion {
  organizationId: OrganizationId;
  workflowId: string;
  /** absent: a draft */
  number?: number | null;
  settings: WorkflowSettings;
}

interface Row {
  slug: string;
  variables: JsonObject;
}

const query = `SELECT w.slug, p.variables FROM workflow w JOIN project p ON p.organization_id = w.organization_id AND p.id = w.project_id
  WHERE w.organization_id = $1::uuid AND w.id = $2::uuid`;

/**
 * The limits of a start with this input, for `NewRun.limits`; undefined when the workflow names none. The limit of its project is not among them:
 * the queue knows it. Throws Invalid when a key cannot be evaluated.
 */
export async function limitsOfStart(tx: Transaction, version: StartedVersion, input: Json): Promise<RunLimits | undefined> {
  if (!isLimited(version.settings)) return undefined;
  return limitsWith((values) => tx.$queryRawUnsafe<Row[]>(query, ...values), version, input);
}

/** The same on a connection of the engine. */
export async function limitsOfStartOn(client: Pick<pg.ClientBase, 'query'>, version: StartedVersion, input: Json): Promise<RunLimits | undefined> {
  if (!isLimited(version.settings)) return undefined;
  return limitsWith(async (values) => (await client.query<Row>(query, values)).rows, version, input);
}

async function limitsWith(read: (values: string[]) => Promise<Row[]>, version: StartedVersion, input: Json): Promise<RunLimits> {
  const { organizationId, workflowId, number, settings } = version;
  const scope: LimitScope = { input, workflow: { name: '', version: number ?? 0 }, env: {} };
  if (needsVariables(settings)) {
    const [row] = await read([organizationId, workflowId]);
    scope.workflow.name = row?.slug ?? '';
    scope.env = { heddle_url: heddleUrl(), ...row?.variables };
  }
  return runLimits(workflowId, settings, scope);
}

const limiting = ['concurrency', 'rate', 'dedupe', 'debounce'];

/** The settings of a stored definition. Parses it only when it names a limit; of any other the priority is all that matters to a start. */
export function storedSettings(definition: { workflow?: JsonObject }): WorkflowSettings {
  const raw = (definition.workflow?.settings ?? {}) as JsonObject;
  if (limiting.some((name) => name in raw)) {
    const parsed = parseAwl(definition as JsonObject);
    if (parsed.ok) return parsed.workflow.settings;
  }
  const priority = Number(raw.priority ?? 0);
  return Number.isInteger(priority) ? { priority: Math.max(-100, Math.min(100, priority)) } : {};
}
