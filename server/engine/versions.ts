import { LRUCache } from 'lru-cache';
import { compileGraph, type Graph, GraphError } from '@/core/engine/graph';
import { parseAwl } from '@/core/workflow/awl';
import type { JsonObject } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import { enginePool } from '@/server/queue/engine-pool';
import { ownVariables } from './own-variables';

/** A compiled version with what its expressions see of workflow and project. */
export interface RunnableVersion {
  graph: Graph;
  workflow: { name: string; version: number };
  env: JsonObject;
}

/** Versions never change; the project's variables do, hence the short life. */
const cache = new LRUCache<string, RunnableVersion | Promise<RunnableVersion>>({ max: 2_000, ttl: 10_000 });

/** The compiled version, from memory when it is there (then synchronously). Throws GraphError when it cannot run or does not exist. */
export function runnableVersion(organizationId: string, versionId: string, own: JsonObject): RunnableVersion | Promise<RunnableVersion> {
  const key = `${organizationId}/${versionId}`;
  const known = cache.get(key);
  if (known) return known;
  const loading = load(organizationId, versionId, own);
  cache.set(key, loading);
  loading.then(
    (version) => cache.set(key, version),
    () => cache.delete(key),
  );
  return loading;
}

/** Another published version of a workflow by its number; undefined when there is none. Throws GraphError when it cannot run. */
export async function versionByNumber(organizationId: string, workflowId: string, number: number): Promise<Graph | undefined> {
  const { rows } = await enginePool().query<{ id: string }>('SELECT id FROM workflow_version WHERE organization_id = $1 AND workflow_id = $2 AND number = $3', [
    organizationId,
    workflowId,
    number,
  ]);
  return rows[0] && (await runnableVersion(organizationId, rows[0].id, ownVariables())).graph;
}

async function load(organizationId: string, versionId: string, own: JsonObject): Promise<RunnableVersion> {
  const { rows } = await enginePool().query({
    name: 'load-version',
    text: `SELECT v.definition, v.number, w.slug, p.variables
             FROM workflow_version v
             JOIN workflow w ON w.organization_id = v.organization_id AND w.id = v.workflow_id
             JOIN project p ON p.organization_id = w.organization_id AND p.id = w.project_id
            WHERE v.organization_id = $1 AND v.id = $2`,
    values: [organizationId, versionId],
  });
  const row = rows[0];
  if (!row) throw new GraphError('The version of the workflow does not exist any more.');
  const parsed = parseAwl(row.definition);
  if (!parsed.ok) throw new GraphError(`The definition is not valid. ${parsed.problems[0]?.path}: ${parsed.problems[0]?.message}`);
  return {
    graph: compileGraph(parsed.workflow, nodeDefinitions),
    workflow: { name: row.slug, version: row.number ?? 0 },
    env: { ...own, ...(row.variables as JsonObject) },
  };
}
