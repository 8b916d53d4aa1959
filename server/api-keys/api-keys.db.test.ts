import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { contextFromApiKey, createApiKey, listApiKeys, revokeApiKey } from './index';
import { makeApiKey } from './key-format';

describe('API keys', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  beforeAll(async () => {
    database = await testDatabase();
    tenant = await makeTenant();
  });
  afterAll(() => database.close());

  it('are shown once, stored as a hash, and stand for their organization and role', async () => {
    const made = await createApiKey(tenant.ctx, { name: 'CI', role: 'operator' });
    expect(JSON.stringify(await database.sql('SELECT * FROM api_key'))).not.toContain(made.key.slice(13));
    expect(await contextFromApiKey(made.key, '10.0.0.1')).toEqual({
      actor: { type: 'apiKey', id: made.id, name: 'CI' },
      organizationId: tenant.organizationId,
      role: 'operator',
      address: '10.0.0.1',
    });
    await expect.poll(async () => (await listApiKeys(tenant.ctx))[0]?.lastUsedAt).not.toBeNull();
    expect(Object.keys((await listApiKeys(tenant.ctx))[0] ?? {})).not.toContain('hash');
  });

  it('answer the same when malformed, unknown, expired or revoked', async () => {
    const revoked = await createApiKey(tenant.ctx, { name: 'Old' });
    await contextFromApiKey(revoked.key, '');
    await revokeApiKey(tenant.ctx, { id: revoked.id });
    const expired = await createApiKey(tenant.ctx, { name: 'Expired', expiresInDays: 1 });
    await database.sql(`UPDATE api_key SET expires_at = now() - interval '1 s' WHERE id = $1`, [expired.id]);
    for (const key of [revoked.key, expired.key, makeApiKey(), 'hdl_live_x', '', `${revoked.key} `]) {
      await expect(contextFromApiKey(key, '')).rejects.toThrow(/^This API key is not valid.$/);
    }
  });

  it('never have more power than who makes them', async () => {
    await expect(createApiKey(tenant.contextAs('admin'), { name: 'Up', role: 'owner' })).rejects.toThrow('above your own');
    expect((await createApiKey(tenant.contextAs('admin'), { name: 'Same', role: 'admin' })).role).toBe('admin');
    await expect(createApiKey(tenant.contextAs('editor'), { name: 'No' })).rejects.toThrow('api-key:create');
  });

  it('of another organization cannot be revoked, exactly as an absent one', async () => {
    const other = await makeTenant('Other');
    const theirs = await createApiKey(other.ctx, { name: 'Theirs' });
    await expect(revokeApiKey(tenant.ctx, { id: theirs.id })).rejects.toThrow('This API key does not exist.');
    expect(await contextFromApiKey(theirs.key, '')).toMatchObject({ organizationId: other.organizationId });
  });
});
