import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { type Artifact, requireRunOf, toArtifact } from './internal';
import { listArtifactsInput } from './schema';

/** The files of a run, oldest first. Throws NotFound. */
export async function listArtifacts(ctx: Context, input: z.input<typeof listArtifactsInput>): Promise<{ items: Artifact[]; nextCursor: string | null }> {
  authorize(ctx, 'run:read');
  const { runId, cursor, limit } = parseInput(listArtifactsInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    await requireRunOf(tx, ctx, runId);
    const rows = await tx.artifact.findMany({
      where: { organizationId: ctx.organizationId, runId, ...(cursor ? { id: { gt: cursor } } : {}) },
      orderBy: { id: 'asc' },
      take: limit + 1,
    });
    const items = rows.slice(0, limit).map(toArtifact);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
}
