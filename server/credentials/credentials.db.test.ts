import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { redactSecrets } from '@/server/lib/registered-secrets';
import { createCredential, credentialHeaders, credentialSettings, deleteCredential, listCredentials } from '.';
import { openSecret } from './internal';
import { localKms } from './kms';

let db: TestDatabase;
let a: TestTenant;
let b: TestTenant;
beforeAll(async () => {
  db = await testDatabase();
  a = await makeTenant('A');
  b = await makeTenant('B');
});
afterAll(() => db.close());

const token = 'tok-4f9a2c77d1';
const url = (address: string) => new URL(address);

describe('credentials', () => {
  it('are sealed, listed without secrets, resolved only for their organization and hosts, and deleted', async () => {
    const made = await createCredential(a.ctx, { kind: 'bearer', name: 'CRM', hosts: ['api.crm.test', 'API.crm.test:8443'], token });
    expect(made).toMatchObject({ name: 'CRM', kind: 'bearer', hosts: ['api.crm.test', 'api.crm.test:8443'] });
    expect(JSON.stringify(made) + JSON.stringify(await listCredentials(a.ctx))).not.toContain(token);

    const stored = await db.sql<{ sealed: Buffer }>('SELECT sealed FROM credential');
    expect(stored[0]?.sealed.includes(token)).toBe(false);
    expect(JSON.stringify(await db.sql('SELECT * FROM audit_event'))).not.toContain(token);
    expect(await db.sql('SELECT action, target_name FROM audit_event')).toEqual([{ action: 'credential.create', target_name: 'CRM' }]);

    expect(await credentialHeaders(a.organizationId, 'CRM', url('https://api.crm.test/x'))).toEqual({ authorization: `Bearer ${token}` });
    expect(await credentialHeaders(a.organizationId, made.id, url('https://api.crm.test:8443/x'))).toEqual({ authorization: `Bearer ${token}` });
    expect(redactSecrets(`sent ${token}`)).toBe('sent [redacted]');
    for (const address of [
      'https://evil.test/',
      'https://api.crm.test.evil.test/',
      'https://api.crm.test:9000/',
      'https://crm.test/',
      'http://api.crm.test/',
    ]) {
      await expect(credentialHeaders(a.organizationId, 'CRM', url(address)), address).rejects.toMatchObject({ code: 'credential_host', retryable: false });
    }
    // another organization's credential is as absent as one that never was
    const foreign = await credentialHeaders(b.organizationId, made.id, url('https://api.crm.test/')).catch((e: Error) => e.message);
    const absent = await credentialHeaders(b.organizationId, made.id.replace(/.$/, '0'), url('https://api.crm.test/')).catch((e: Error) => e.message);
    expect(String(foreign).replace(made.id, '')).toBe(String(absent).replace(made.id.replace(/.$/, '0'), ''));
    expect(await listCredentials(b.ctx)).toEqual([]);
    await expect(deleteCredential(b.ctx, { id: made.id })).rejects.toMatchObject({ code: 'not_found' });

    await deleteCredential(a.ctx, { id: made.id });
    await expect(credentialHeaders(a.organizationId, 'CRM', url('https://api.crm.test/'))).rejects.toMatchObject({ code: 'credential_not_found' });
    expect((await db.sql<{ action: string }>('SELECT action FROM audit_event ORDER BY at, id')).map((r) => r.action)).toEqual([
      'credential.create',
      'credential.delete',
    ]);
  });

  it('make the headers of their kind', async () => {
    await createCredential(a.ctx, { kind: 'header', name: 'key', hosts: ['h.test'], header: 'X-Api-Key', value: 'value-123456' });
    await createCredential(a.ctx, { kind: 'basic', name: 'basic', hosts: ['h.test'], username: 'ann', password: 'pass-123456' });
    await createCredential(a.ctx, {
      kind: 'openai-compatible',
      name: 'llm',
      baseUrl: 'https://llm.test/v1/',
      apiKey: 'sk-123456',
      models: ['m'],
      inputPrice: 2,
    });
    expect(await credentialHeaders(a.organizationId, 'key', url('https://h.test/'))).toEqual({ 'x-api-key': 'value-123456' });
    expect(await credentialHeaders(a.organizationId, 'basic', url('https://h.test/'))).toEqual({ authorization: `Basic ${btoa('ann:pass-123456')}` });
    expect(await credentialSettings(a.organizationId, 'llm')).toEqual({
      kind: 'openai-compatible',
      settings: { baseUrl: 'https://llm.test/v1', models: ['m'], inputPrice: 2 },
    });
    expect((await listCredentials(a.ctx)).map((c) => [c.name, c.hosts])).toEqual([
      ['basic', ['h.test']],
      ['key', ['h.test']],
      ['llm', ['llm.test']],
    ]);
  });

  it('refuse bad input and roles without the permission', async () => {
    const make = (input: object) => createCredential(a.ctx, input as never);
    await expect(make({ kind: 'bearer', name: 'x', hosts: ['https://a.test'], token })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'x', hosts: ['a.test/path'], token })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'x', hosts: ['*'], token })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'x', hosts: [], token })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'a/b', hosts: ['a.test'], token })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'Sandbox', hosts: ['a.test'], token })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'x', hosts: ['a.test'], token, organizationId: b.organizationId })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'openai-compatible', name: 'x', baseUrl: 'file:///etc', apiKey: 'k' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(make({ kind: 'bearer', name: 'KEY', hosts: ['a.test'], token })).rejects.toMatchObject({ code: 'conflict' });
    for (const role of ['editor', 'operator', 'viewer'] as const) {
      await expect(createCredential(a.contextAs(role), { kind: 'bearer', name: 'n', hosts: ['a.test'], token })).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(listCredentials(a.contextAs('viewer'))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('cannot be moved to another host, organization or name in the database', async () => {
    const made = await createCredential(b.ctx, { kind: 'bearer', name: 'moved', hosts: ['good.test'], token: 'moved-secret-1' });
    await db.sql(`UPDATE credential SET hosts = '{evil.test}' WHERE id = $1`, [made.id]);
    await expect(credentialHeaders(b.organizationId, 'moved', url('https://evil.test/'))).rejects.toThrow('changed outside');
    await db.sql(`UPDATE credential SET hosts = '{good.test}', sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE id = $1`, [made.id]);
    await expect(credentialHeaders(b.organizationId, 'moved', url('https://good.test/'))).rejects.toThrow('changed outside');
  });

  it('say so when the master key is another', async () => {
    const [row] = await db.sql<{ id: string; sealed: Buffer; hosts: string[] }>(`SELECT id, sealed, hosts FROM credential WHERE name = 'key'`);
    const target = { organizationId: a.organizationId, id: row?.id as string, kind: 'header', hosts: row?.hosts as string[] };
    await withTenant(a.organizationId, async (tx) => {
      expect(await openSecret(tx, target, row?.sealed as Buffer)).toBe('value-123456');
      await expect(openSecret(tx, target, row?.sealed as Buffer, localKms('another master secret of 32 characters'))).rejects.toThrow('HEDDLE_SECRET');
    });
  });
});
