import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, testDatabase } from '@/server/db/testing';
import { contextFromApiKey, ensureBootstrapKey, listApiKeys, revokeApiKey } from '.';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it('is the same key each time, also when asked twice at once, and another one for another organization', async () => {
  const [one, two] = [await makeTenant(), await makeTenant()];
  const keys = await Promise.all([1, 2, 3].map(() => ensureBootstrapKey(one.ctx)));
  expect(new Set(keys).size).toBe(1);
  expect(await listApiKeys(one.ctx)).toHaveLength(1);
  expect(await contextFromApiKey(keys[0] ?? '', '')).toMatchObject({ organizationId: one.organizationId, role: 'owner' });
  expect(await ensureBootstrapKey(two.ctx)).not.toBe(keys[0]);
});

it('is a new one after it was revoked', async () => {
  const { ctx } = await makeTenant();
  const first = await ensureBootstrapKey(ctx);
  const [known] = await listApiKeys(ctx);
  await revokeApiKey(ctx, { id: known?.id ?? '' });
  const second = await ensureBootstrapKey(ctx);
  expect(second).not.toBe(first);
  await expect(contextFromApiKey(first, '')).rejects.toThrow('not valid');
  expect(await ensureBootstrapKey(ctx)).toBe(second);
});

it('is not for those who may not make keys', async () => {
  const { contextAs } = await makeTenant();
  await expect(ensureBootstrapKey(contextAs('editor'))).rejects.toThrow('api-key:create');
});
