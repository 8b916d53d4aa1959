import { LRUCache } from 'lru-cache';
import type { JsonObject } from '@/core/workflow/workflow';
import { type OrganizationId, withCapability, withTenant } from '@/server/db/transaction';
import { type StartedVersion, storedSettings } from '@/server/queue/limits-of-start';
import { Listener } from '@/server/queue/listener';
import { isLimited } from '@/server/queue/run-limits';

/** What a call of a hook address starts. */
export interface HookTarget {
  organizationId: OrganizationId;
  workflowId: string;
  versionId: string;
  /** ANY, or the one method accepted */
  method: string;
  /** accepted | last | a step id */
  respond: string;
  /** the schema of the run input, when the workflow declares one */
  inputSchema: JsonObject | undefined;
  priority: number;
  /** the version, when it or its project has limits */
  limited: StartedVersion | undefined;
}
type Entry = { target: HookTarget | undefined; workflowId: string | undefined };

interface Shared {
  entries: LRUCache<string, Entry>;
  /** workflows whose triggers this process is changing: not cached until the change is surely committed and heard of */
  changing: LRUCache<string, true>;
  /** grows with each change heard, so that a look-up that began before it is not kept */
  changes: number;
  pending: Map<string, Promise<HookTarget | undefined>>;
  listener?: Listener;
}
/** On globalThis: Next bundles this module apart from the custom server. */
const shared: Shared = ((globalThis as { __heddleHooks?: Shared }).__heddleHooks ??= {
  entries: new LRUCache({ max: 20_000, ttl: 2_000, ttlResolution: 100 }),
  changing: new LRUCache({ max: 20_000, ttl: 2_000 }),
  changes: 0,
  pending: new Map(),
});

const wellFormed = /^[A-Za-z0-9_-]{43}$/;

/**
 * The workflow behind a hook token, or undefined. Cached for 2 s and dropped at once when a NOTIFY says the workflow changed.
 * Answers synchronously from the cache: the hot path of hooks does not even wait for a microtask.
 */
export function findHook(token: string): HookTarget | undefined | Promise<HookTarget | undefined> {
  const hit = shared.entries.get(token);
  if (hit) return hit.target;
  if (!wellFormed.test(token)) return undefined;
  let pending = shared.pending.get(token);
  if (!pending) {
    pending = load(token).finally(() => shared.pending.delete(token));
    shared.pending.set(token, pending);
  }
  return pending;
}

async function load(token: string): Promise<HookTarget | undefined> {
  const listening = await listen();
  const before = shared.changes;
  const target = await read(token);
  const settled = !target || !shared.changing.has(target.workflowId);
  if (listening && settled && before === shared.changes) shared.entries.set(token, { target, workflowId: target?.workflowId });
  return target;
}

async function read(token: string): Promise<HookTarget | undefined> {
  const trigger = await withCapability({ hookToken: token }, (tx) => tx.trigger.findFirst({ where: { token } }));
  if (trigger?.type !== 'webhook') return undefined;
  const organizationId = trigger.organizationId as OrganizationId;
  const workflow = await withTenant(organizationId, async (tx) => {
    const found = await tx.workflow.findUnique({ where: { organizationId_id: { organizationId, id: trigger.workflowId } } });
    if (!found?.currentVersionId || found.deletedAt) return undefined;
    const version = await tx.workflowVersion.findUnique({ where: { organizationId_id: { organizationId, id: found.currentVersionId } } });
    if (!version) return undefined;
    const project = await tx.project.findUnique({ where: { organizationId_id: { organizationId, id: found.projectId } }, select: { concurrency: true } });
    const capped = project?.concurrency !== null;
    return { versionId: version.id, number: version.number, definition: version.definition as { workflow?: JsonObject }, capped };
  });
  if (!workflow) return undefined;
  const settings = trigger.settings as { method?: string; respond?: string };
  const definition = workflow.definition.workflow ?? {};
  const input = definition.input as JsonObject | undefined;
  const stored = storedSettings(workflow.definition);
  const limited = workflow.capped || isLimited(stored);
  return {
    organizationId,
    workflowId: trigger.workflowId,
    versionId: workflow.versionId,
    method: settings.method ?? 'POST',
    respond: settings.respond ?? 'accepted',
    inputSchema: input,
    priority: stored.priority ?? 0,
    limited: limited ? { organizationId, workflowId: trigger.workflowId, number: workflow.number, settings: stored } : undefined,
  };
}

function listen(): Promise<boolean> {
  shared.listener ??= new Listener('hook listener', { heddle_trigger: forget }, () => forget());
  return shared.listener.start().then(
    () => true,
    () => false,
  );
}

/** Drops what is cached about a workflow, and every token known to be absent; without an argument everything. */
function forget(workflowId?: string): void {
  shared.changes++;
  for (const [token, entry] of shared.entries.entries()) {
    if (!workflowId || !entry.workflowId || entry.workflowId === workflowId) shared.entries.delete(token);
  }
}

/** Says that this process is about to commit a change of a workflow's triggers: who publishes and calls at once gets what was published. */
export function expectChange(workflowId: string): void {
  shared.changing.set(workflowId, true);
  forget(workflowId);
}

/** Stops listening and empties the cache, at shutdown and after tests. */
export async function closeHooks(): Promise<void> {
  const listener = shared.listener;
  shared.listener = undefined;
  forget();
  await listener?.close();
}
