import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { OrganizationId } from '@/server/db/transaction';
import { claimKey, keepClaim, releaseKey, storeAnswer } from '@/server/idempotency';
import { HttpError, knownProblem } from './problem';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The Idempotency-Key of a request, or undefined. */
export function idempotencyKey(req: IncomingMessage): string | undefined {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key))
    throw new HttpError(400, 'malformed', 'Idempotency-Key wants 1 to 255 printable ASCII characters.');
  return key;
}

/**
 * Does the work of one POST once per key: a repetition gets the first answer. `work` gets the id for what it makes, the same when a process died
 * over the request and it is sent again. `request` is what makes a repetition the same. Only success is kept: a request that failed changed nothing and may be sent again.
 */
export async function once(
  organizationId: OrganizationId,
  scope: string,
  key: string,
  request: readonly (string | Buffer)[],
  work: (newId: string) => Promise<Answer>,
): Promise<Answer & { replayed?: true }> {
  const name = `${scope} ${key}`;
  const digest = createHash('sha256');
  // each with its length, so that no two requests read the same
  for (const part of request) digest.update(`${Buffer.byteLength(part)} `).update(part);
  const claim = await claimKey(organizationId, name, digest.digest('hex'));
  if (claim.state === 'mismatch') throw new HttpError(422, 'idempotency_mismatch', 'This Idempotency-Key was used with another request.');
  if (claim.state === 'inFlight')
    throw new HttpError(409, 'idempotency_in_flight', 'The first request with this Idempotency-Key is still being worked on.', { 'retry-after': '1' });
  if (claim.state === 'stored')
    return { status: claim.status, ...(JSON.parse(claim.body) as { headers: Record<string, string>; body: string }), replayed: true };
  const beat = setInterval(() => void keepClaim(organizationId, name, claim.claim).catch(() => {}), 3_000);
  try {
    const answer = await work(claim.newId);
    if (answer.status >= 200 && answer.status < 300)
      await storeAnswer(organizationId, name, claim.claim, { status: answer.status, body: JSON.stringify({ headers: answer.headers, body: answer.body }) });
    else await releaseKey(organizationId, name, claim.claim);
    return answer;
  } catch (error) {
    // after an unknown failure nobody knows what was done: the claim lapses by itself and is handed on with the same id
    if (knownProblem(error)) await releaseKey(organizationId, name, claim.claim).catch(() => {});
    throw error;
  } finally {
    clearInterval(beat);
  }
}
