import { v7 as uuid } from 'uuid';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';

/** What is known about a request that carries a key. */
export type Claim =
  /** nobody did it: do it. `newId` is for what it makes; after a crash the next claim gets the same one. `claim` settles the key */
  | { state: 'fresh'; newId: string; claim: string }
  /** done before: the answer it got */
  | { state: 'stored'; status: number; body: string }
  /** the same key with another body */
  | { state: 'mismatch' }
  /** the first one is still being worked on */
  | { state: 'inFlight' };

/**
 * Claims an Idempotency-Key for one request, or says what became of the first request with it. Keys live for 24 hours.
 * A claim is kept alive by keepClaim; one that is 10 s old is of a process that died, and is handed on with its id.
 * While there is no answer, `status` is null and `response` holds that id and who works on it: whoever was taken for dead and wakes up owns it no more.
 */
export async function claimKey(organizationId: OrganizationId, key: string, requestHash: string): Promise<Claim> {
  const owner = uuid();
  return withTenant(organizationId, async (tx) => {
    for (;;) {
      const claimed = await tx.$queryRaw<{ response: string }[]>`
        INSERT INTO idempotency_key AS i (organization_id, key, request_hash, response) VALUES (${organizationId}::uuid, ${key}, ${requestHash}, ${`${uuid()} ${owner}`})
        ON CONFLICT (organization_id, key) DO UPDATE SET
          request_hash = excluded.request_hash, status = NULL, created_at = now(),
          response = CASE WHEN i.status IS NULL AND i.request_hash = excluded.request_hash THEN split_part(i.response, ' ', 1) || ' ' || ${owner} ELSE excluded.response END
        WHERE i.created_at < now() - interval '24 hours'
           OR (i.status IS NULL AND i.request_hash = excluded.request_hash AND i.created_at < now() - interval '10 s')
        RETURNING response`;
      if (claimed[0]) {
        await forgetSomeExpired(organizationId, tx);
        const claim = claimed[0].response;
        return { state: 'fresh', newId: claim.split(' ', 1)[0] as string, claim };
      }
      const row = await tx.idempotencyKey.findUnique({ where: { organizationId_key: { organizationId, key } } });
      if (!row) continue; // released in between
      if (row.requestHash !== requestHash) return { state: 'mismatch' };
      if (row.status === null) return { state: 'inFlight' };
      return { state: 'stored', status: row.status, body: row.response ?? '' };
    }
  });
}

/** Each new key takes a few expired ones away, so that the table needs no sweeper. */
async function forgetSomeExpired(organizationId: OrganizationId, tx: Transaction): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM idempotency_key WHERE organization_id = ${organizationId}::uuid AND key IN (
      SELECT key FROM idempotency_key WHERE organization_id = ${organizationId}::uuid AND created_at < now() - interval '24 hours' LIMIT 10 FOR UPDATE SKIP LOCKED)`;
}
