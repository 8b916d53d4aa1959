import { v7 as uuid } from 'uuid';
import { type ExecutorServices, StepError } from '@/core/node/executor';
import { parseAwl, toAwlDocument } from '@/core/workflow/awl';
import type { Json } from '@/core/workflow/workflow';
import type { TestDatabase, TestTenant } from '@/server/db/testing';
import { acceptRun } from './inline';
import { Worker } from './worker';

/** What a `code` step of a test does, by its source. */
export type Behaviour = (call: { organizationId: string; data: Json; signal: AbortSignal; count: number }) => Promise<Json> | Json;

/** Services whose sandbox runs the test's own functions in place of JavaScript; the rest refuses. `calls` counts executions by source. */
export function testServices(behaviours: Record<string, Behaviour> = {}): ExecutorServices & { calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const refuse = () => Promise.reject(new StepError('refused', 'not in this test', { retryable: false }));
  return {
    calls,
    http: { request: refuse },
    models: { generate: refuse },
    search: { search: refuse } as ExecutorServices['search'],
    sandbox: {
      async run(organizationId, { source, globals }, signal) {
        const count = (calls.get(source) ?? 0) + 1;
        calls.set(source, count);
        const behaviour = behaviours[source];
        if (!behaviour) throw new StepError('no_behaviour', `no behaviour "${source}"`, { retryable: false });
        return { value: await behaviour({ organizationId, data: globals.data ?? null, signal, count }), logs: [] };
      },
    },
  };
}

/** Stores a workflow with one version, as publishing would. */
export async function storeWorkflow(database: TestDatabase, tenant: TestTenant, awl: string): Promise<{ workflowId: string; versionId: string }> {
  const parsed = parseAwl(awl);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const workflowId = uuid();
  const versionId = uuid();
  const definition = JSON.stringify(toAwlDocument(parsed.workflow));
  await database.sql('INSERT INTO workflow (organization_id, id, project_id, slug, title, draft) VALUES ($1, $2, $3, $4, $4, $5)', [
    tenant.organizationId,
    workflowId,
    tenant.projectId,
    `${parsed.workflow.name}-${workflowId.slice(-6)}`,
    definition,
  ]);
  await database.sql(`INSERT INTO workflow_version (organization_id, id, workflow_id, number, definition, hash) VALUES ($1, $2, $3, 1, $4, 'x')`, [
    tenant.organizationId,
    versionId,
    workflowId,
    definition,
  ]);
  return { workflowId, versionId };
}

/** Queues a run of a stored workflow. */
export function queueRun(tenant: TestTenant, ids: { workflowId: string; versionId: string }, input: Json = {}): Promise<string> {
  return acceptRun({ organizationId: tenant.organizationId, ...ids, trigger: 'api', input });
}

/** A worker in this process. */
export async function startTestWorker(services: ExecutorServices, onLost: (error: Error) => void = () => {}, concurrency = 256): Promise<Worker> {
  const worker = new Worker({ services, onLost, concurrency });
  await worker.start();
  return worker;
}
