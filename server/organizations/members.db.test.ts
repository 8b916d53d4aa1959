import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { listMembers } from './list-members';
import { removeMember } from './remove-member';
import { renameOrganization } from './rename-organization';
import { setRole } from './set-role';

describe('members', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  const idOf = (role: Parameters<TestTenant['contextAs']>[0]) => tenant.contextAs(role).actor.id;
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    tenant = await makeTenant();
  });
  afterAll(() => database.close());

  it('keep at least one owner, also when two owners leave at once', async () => {
    const { ctx, userId } = tenant;
    await expect(setRole(ctx, { userId, role: 'viewer' })).rejects.toThrow('keeps at least one owner');
    await expect(removeMember(ctx, { userId })).rejects.toThrow('keeps at least one owner');
    const second = idOf('admin');
    await setRole(ctx, { userId: second, role: 'owner' });
    const results = await Promise.allSettled([setRole(ctx, { userId, role: 'viewer' }), removeMember(ctx, { userId: second })]);
    expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await listMembers(ctx)).filter((m) => m.role === 'owner')).toHaveLength(1);
  });

  it('are made and unmade owners by owners alone', async () => {
    const admin = tenant.contextAs('admin');
    await expect(setRole(admin, { userId: idOf('viewer'), role: 'owner' })).rejects.toThrow('Only an owner');
    await expect(setRole(admin, { userId: tenant.userId, role: 'viewer' })).rejects.toThrow('Only an owner');
    await expect(removeMember(admin, { userId: tenant.userId })).rejects.toThrow('Only an owner');
    expect(await setRole(admin, { userId: idOf('viewer'), role: 'editor' })).toMatchObject({ role: 'editor' });
    await removeMember(admin, { userId: idOf('operator') });
    expect((await listMembers(tenant.ctx)).map((m) => m.userId)).not.toContain(idOf('operator'));
  });

  it('of another organization are absent', async () => {
    const other = await makeTenant('Other');
    await expect(removeMember(tenant.ctx, { userId: other.userId })).rejects.toThrow('This member does not exist.');
    await expect(setRole(tenant.ctx, { userId: other.userId, role: 'viewer' })).rejects.toThrow('This member does not exist.');
  });

  it('do not change when the change cannot be written to the audit log', async () => {
    await database.sql(`ALTER TABLE audit_event ADD CONSTRAINT broken CHECK (action NOT LIKE 'member.%' AND action NOT LIKE 'organization.%') NOT VALID`);
    try {
      await expect(setRole(tenant.ctx, { userId: idOf('viewer'), role: 'editor' })).rejects.toThrow();
      await expect(renameOrganization(tenant.ctx, { name: 'Unheard' })).rejects.toThrow();
    } finally {
      await database.sql('ALTER TABLE audit_event DROP CONSTRAINT broken');
    }
    expect((await listMembers(tenant.ctx)).map((m) => m.role).sort()).toEqual(['admin', 'editor', 'operator', 'owner', 'viewer']);
    expect(await database.sql('SELECT name FROM organization WHERE id = $1', [tenant.organizationId])).toEqual([{ name: 'Test' }]);
  });

  it('leave an audit event in the transaction of the change, and none when it fails', async () => {
    await renameOrganization(tenant.ctx, { name: 'New name' });
    await renameOrganization(tenant.ctx, { name: 'New name' });
    await expect(removeMember(tenant.ctx, { userId: tenant.userId })).rejects.toThrow();
    await expect(renameOrganization(tenant.ctx, { name: 'Bad\u0007name' })).rejects.toThrow('no control characters');
    await expect(renameOrganization(tenant.ctx, { name: 'x', slug: 'y' } as never)).rejects.toThrow('slug');
    const events = await database.sql('SELECT action, target_name, details, actor_id, address FROM audit_event WHERE organization_id = $1', [
      tenant.organizationId,
    ]);
    expect(events).toEqual([
      { action: 'organization.update', target_name: 'New name', details: { from: 'Test', to: 'New name' }, actor_id: tenant.userId, address: '127.0.0.1' },
    ]);
  });
});
