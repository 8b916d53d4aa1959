import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { blobStore } from '@/server/blobs';
import { withTenant } from '@/server/db/transaction';
import { Invalid, NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { type Artifact, toArtifact } from './internal';
import { readArtifactInput } from './schema';

/** A file of a run, and its content when it is asked for. Throws NotFound, Invalid when the range is not of the file. */
export async function readArtifact(ctx: Context, input: z.input<typeof readArtifactInput>): Promise<{ artifact: Artifact; open: () => Promise<Readable> }> {
  authorize(ctx, 'run:read');
  const { runId, artifactId, range } = parseInput(readArtifactInput, input);
  const row = await withTenant(ctx.organizationId, (tx) =>
    tx.artifact.findUnique({ where: { organizationId_id: { organizationId: ctx.organizationId, id: artifactId }, runId } }),
  );
  if (!row) throw new NotFound('This file');
  const artifact = toArtifact(row);
  if (range && (range.start > range.end || range.end >= artifact.size)) throw new Invalid('The range is not of the file.');
  return { artifact, open: () => blobStore().get({ key: row.blobKey, size: artifact.size, sha256: artifact.sha256 }, range) };
}
