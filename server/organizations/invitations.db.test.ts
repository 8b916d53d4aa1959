import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { acceptInvitation, inviteMember, listInvitations, listMembers, readInvitation, removeMember, revokeInvitation } from '.';

describe('invitations', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let stranger: { id: string; name: string; email: string; sessionId: string };
  const tokenOf = ({ url }: { url: string }) => ({ token: url.split('/').at(-1) ?? '' });
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    tenant = await makeTenant();
    const { userId } = await makeTenant('Other');
    stranger = { id: userId, name: 'Stranger', email: `owner-${userId}@example.com`, sessionId: '' };
  });
  afterAll(() => database.close());

  it('let one person join once, by a link that is stored as a hash', async () => {
    const made = await inviteMember(tenant.ctx, { role: 'operator' });
    const link = tokenOf(made);
    expect(JSON.stringify(await database.sql('SELECT * FROM invitation'))).not.toContain(link.token);
    expect(await readInvitation(link)).toEqual({ organization: 'Test', role: 'operator', email: null });
    expect(await listInvitations(tenant.ctx)).toMatchObject([{ id: made.id, role: 'operator' }]);
    const second = { ...stranger, id: (await makeTenant('Third')).userId };
    const results = await Promise.allSettled([acceptInvitation(stranger, link, '10.0.0.1'), acceptInvitation(second, link, '10.0.0.1')]);
    expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await listMembers(tenant.ctx)).filter((m) => [stranger.id, second.id].includes(m.userId))).toMatchObject([{ role: 'operator' }]);
    expect(await listInvitations(tenant.ctx)).toEqual([]);
    const actions = await database.sql('SELECT action FROM audit_event WHERE organization_id = $1 ORDER BY id', [tenant.organizationId]);
    expect(actions).toEqual([{ action: 'member.invite' }, { action: 'member.join' }]);
  });

  it('do not work when revoked, expired, made up, or when the inviter is gone', async () => {
    const admin = tenant.contextAs('admin');
    const [revoked, expired, orphaned] = [await inviteMember(tenant.ctx, {}), await inviteMember(tenant.ctx, {}), await inviteMember(admin, { role: 'admin' })];
    await revokeInvitation(tenant.ctx, { id: revoked.id });
    await database.sql(`UPDATE invitation SET expires_at = now() - interval '1 s' WHERE id = $1`, [expired.id]);
    await removeMember(tenant.ctx, { userId: admin.actor.id });
    for (const link of [tokenOf(revoked), tokenOf(expired), tokenOf(orphaned), { token: 'x'.repeat(43) }, { token: '' }]) {
      expect(await readInvitation(link)).toBeNull();
      await expect(acceptInvitation(stranger, link, '')).rejects.toThrow('This invitation does not exist.');
    }
    expect((await listMembers(tenant.ctx)).map((m) => m.userId)).not.toContain(stranger.id);
  });

  it('grant no more than the inviter has, go to whom they name, and raise no member', async () => {
    await expect(inviteMember(tenant.contextAs('admin'), { role: 'owner' })).rejects.toThrow('above your own role');
    await expect(inviteMember(tenant.contextAs('editor'), { role: 'viewer' })).rejects.toThrow('member:invite');
    const named = tokenOf(await inviteMember(tenant.ctx, { email: 'Ann@Example.com', role: 'viewer' }));
    await expect(acceptInvitation(stranger, named, '')).rejects.toThrow('is for ann@example.com');
    await acceptInvitation({ ...stranger, email: 'ann@example.com' }, named, '');
    const up = await inviteMember(tenant.ctx, { role: 'owner' });
    await expect(acceptInvitation(stranger, tokenOf(up), '')).rejects.toThrow('already');
    expect((await listInvitations(tenant.ctx)).map((i) => i.id)).toEqual([up.id]);
    expect((await listMembers(tenant.ctx)).find((m) => m.userId === stranger.id)?.role).toBe('viewer');
  });
});
