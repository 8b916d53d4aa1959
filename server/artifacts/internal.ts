import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';

/** A file that a run produced. */
export interface Artifact {
  id: string;
  runId: string;
  /** path of the step that produced it */
  path: string;
  name: string;
  contentType: string;
  /** bytes */
  size: number;
  sha256: string;
  at: string;
  /** where REST has it */
  url: string;
}

interface ArtifactRow {
  id: string;
  runId: string;
  path: string;
  name: string;
  contentType: string;
  size: bigint;
  sha256: string;
  at: Date;
}

/** Throws NotFound unless the run is the organization's. */
export async function requireRunOf(tx: Transaction, ctx: Context, runId: string): Promise<void> {
  if ((await tx.run.count({ where: { organizationId: ctx.organizationId, id: runId } })) === 0) throw new NotFound('This run');
}

/** An artifact from its row. */
export function toArtifact({ id, runId, path, name, contentType, size, sha256, at }: ArtifactRow): Artifact {
  return { id, runId, path, name, contentType, size: Number(size), sha256, at: at.toISOString(), url: artifactUrl(runId, id) };
}

/** The address of an artifact, from Heddle's own. */
export function artifactUrl(runId: string, id: string): string {
  return `/api/v1/runs/${runId}/artifacts/${id}`;
}
