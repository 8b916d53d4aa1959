import { ownSignal } from '@/core/workflow/signal-name';
import { allSteps, type Json } from '@/core/workflow/workflow';
import { type OrganizationId, withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { assertSafeJson } from '@/server/lib/safe-json';
import { sendToRun } from '@/server/queue/enqueue';
import { readVersion } from '@/server/workflows';
import { readCallbackToken } from './callback-token';
import { mailIdOf, requireGoingOn, requireRoom } from './internal';
import { maxSignalBytes } from './schema';
import { triesOfLoops } from './tries-of-loops';

/** The same words for whatever is wrong with an address: they tell nothing about runs. */
const absent = () => new NotFound('A callback of this address');
const loopIndices = /^\d{1,9}(,\d{1,9}){0,9}$/;

/** Whose run an address is for, before its body is read. Throws NotFound. */
export function callbackTarget(token: string): { organizationId: OrganizationId; runId: string } {
  const target = readCallbackToken(token);
  if (!target) throw absent();
  return target as { organizationId: OrganizationId; runId: string };
}

/**
 * Takes a call of a step's address: the first one for each step counts, and for each try of the loops around it; the step goes on with it. The address is
 * the right to call it.
 * `at`: the loop indices of a step in a loop, `3` or `3,0`. Throws NotFound, and Conflict when the run has ended.
 */
export async function receiveCallback(token: string, step: string, at: string | undefined, data: Json): Promise<void> {
  const { organizationId, runId } = callbackTarget(token);
  if (at !== undefined && !loopIndices.test(at)) throw absent();
  assertSafeJson(data, 'body', { bytes: maxSignalBytes + 65_536 });
  const indices = (at ?? '').split(',').filter(Boolean).map(Number);
  const path = step + indices.map((index) => `[${index}]`).join('');
  await withTenant(organizationId, async (tx) => {
    const { versionId } = await requireGoingOn(tx, organizationId, runId).catch((error) => {
      throw error instanceof NotFound ? absent() : error;
    });
    const { graph } = await readVersion(tx, { organizationId }, versionId);
    const known = allSteps(graph.steps).some(({ id, uses }) => id === step && uses === 'callback');
    if (!known) throw absent();
    await requireRoom(tx, organizationId, runId);
    const name = ownSignal('callback', path, await triesOfLoops(tx, { organizationId, runId }, graph.steps, { step, indices }));
    await sendToRun(tx, organizationId, runId, 'signal', { name, data }, mailIdOf('callback', runId, name));
  });
}
