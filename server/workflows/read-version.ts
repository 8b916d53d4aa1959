import { LRUCache } from 'lru-cache';
import type { JsonObject, Workflow } from '@/core/workflow/workflow';
import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { storedWorkflow } from './definition';

export interface StoredVersion {
  id: string;
  workflowId: string;
  /** null: a test run of a draft */
  number: number | null;
  document: JsonObject;
  graph: Workflow;
}

/** Versions never change, so a parsed one is kept. The key holds the organization: another one's look-up misses and is up to the database. */
const parsed = new LRUCache<string, StoredVersion>({ max: 500 });

/** A version of the organization with its graph, or NotFound. Treat what it returns as frozen. */
export async function readVersion(tx: Transaction, ctx: Pick<Context, 'organizationId'>, id: string): Promise<StoredVersion> {
  const { organizationId } = ctx;
  const key = `${organizationId}/${id}`;
  const hit = parsed.get(key);
  if (hit) return hit;
  const row = await tx.workflowVersion.findUnique({ where: { organizationId_id: { organizationId, id } } });
  if (!row) throw new NotFound('This version');
  const document = row.definition as JsonObject;
  const version = { id, workflowId: row.workflowId, number: row.number, document, graph: storedWorkflow(document) };
  parsed.set(key, version);
  return version;
}
