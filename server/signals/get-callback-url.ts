import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { callbackUrl } from './callback-token';
import { requireGoingOn } from './internal';
import { callbackUrlInput } from './schema';

/** The address that a waiting callback step is called at. Who knows it may answer, so it takes the right to send signals. */
export async function getCallbackUrl(ctx: Context, input: z.input<typeof callbackUrlInput>): Promise<{ url: string }> {
  authorize(ctx, 'run:signal');
  const { runId, path } = parseInput(callbackUrlInput, input);
  await withTenant(ctx.organizationId, (tx) => requireGoingOn(tx, ctx.organizationId, runId));
  const [step = path, ...indices] = path.split(/[[\]]+/).filter(Boolean);
  const query = indices.length > 0 ? `?i=${indices.join(',')}` : '';
  return { url: `${callbackUrl(ctx.organizationId, runId)}/${encodeURIComponent(step)}${query}` };
}
