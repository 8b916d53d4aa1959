import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, testDatabase } from '@/server/db/testing';
import type { OrganizationId } from '@/server/db/transaction';
import { type Claim, claimKey, keepClaim, releaseKey, storeAnswer } from '.';

let database: TestDatabase;
let organizationId: OrganizationId;
beforeAll(async () => {
  database = await testDatabase();
  ({ organizationId } = (await makeTenant()).ctx);
});
afterAll(() => database.close());

const fresh = (claim: Claim) => {
  if (claim.state !== 'fresh') throw new Error(claim.state);
  return claim;
};
const age = () => database.sql(`UPDATE idempotency_key SET created_at = now() - interval '11 s'`);

it('a process that was taken for dead cannot release, keep or answer the claim of its successor', async () => {
  const frozen = fresh(await claimKey(organizationId, 'k', 'h'));
  expect(await claimKey(organizationId, 'k', 'h')).toEqual({ state: 'inFlight' });
  await age();
  const successor = fresh(await claimKey(organizationId, 'k', 'h'));
  expect([successor.newId, successor.claim === frozen.claim]).toEqual([frozen.newId, false]);

  await releaseKey(organizationId, 'k', frozen.claim);
  await storeAnswer(organizationId, 'k', frozen.claim, { status: 200, body: 'stale' });
  expect(await claimKey(organizationId, 'k', 'h')).toEqual({ state: 'inFlight' });
  await age();
  await keepClaim(organizationId, 'k', frozen.claim); // does not keep what it does not own
  const third = fresh(await claimKey(organizationId, 'k', 'h'));
  expect(third.newId).toBe(frozen.newId);

  await storeAnswer(organizationId, 'k', third.claim, { status: 201, body: 'made' });
  expect(await claimKey(organizationId, 'k', 'h')).toEqual({ state: 'stored', status: 201, body: 'made' });
});
