import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '@/server/db/testing';
import { withUser } from '@/server/db/transaction';
import { TooManyRequests } from '@/server/lib/errors';
import { signUp } from '@/server/organizations';
import { contextOfMember } from './context-of-member';
import { decodeSessionToken } from './session-cookie';
import { issueSession, listSessions, readSession, revokeSession } from './sessions';
import { verifyCredentials } from './verify-credentials';

const ann = { email: 'Ann@Example.com', password: 'correct horse battery', name: 'Ann', organization: 'Café Zürich & Söhne' };

describe('accounts', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it('signs up a person with an organization, a project and three published workflows', async () => {
    const made = await signUp(ann, '10.0.0.1');
    expect(made.organization).toMatchObject({ slug: 'cafe-zurich-sohne', name: ann.organization });
    expect(made.project.slug).toBe('default');
    const workflows = await database.sql<{ title: string; number: number }>(
      `SELECT w.title, v.number FROM workflow w JOIN workflow_version v ON v.id = w.current_version_id WHERE w.organization_id = $1 ORDER BY w.id`,
      [made.organization.id],
    );
    expect(workflows).toHaveLength(3);
    expect(workflows.every((w) => w.number === 1)).toBe(true);
    const actions = await database.sql<{ action: string }>('SELECT action FROM audit_event WHERE organization_id = $1', [made.organization.id]);
    expect(actions.map((a) => a.action)).toEqual(expect.arrayContaining(['organization.create', 'project.create', 'workflow.create', 'workflow.publish']));
    const [user] = await database.sql<{ email: string; password_hash: string }>('SELECT email, password_hash FROM user_account WHERE id = $1', [made.userId]);
    expect(user?.email).toBe('ann@example.com');
    expect(user?.password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  });

  it('numbers a taken slug, passes over a reserved one, and writes nothing for a used address', async () => {
    expect((await signUp({ ...ann, email: 'b@example.com' }, '10.0.0.1')).organization.slug).toBe('cafe-zurich-sohne-2');
    expect((await signUp({ ...ann, email: 'c@example.com', organization: 'API' }, '10.0.0.1')).organization.slug).toBe('api-2');
    const count = async () => (await database.sql<{ n: string }>('SELECT count(*) AS n FROM organization'))[0]?.n;
    const before = await count();
    await expect(signUp({ ...ann, organization: 'Another' }, '10.0.0.1')).rejects.toThrow('cannot be used for a new account');
    await expect(signUp({ ...ann, email: 'd@example.com,e@example.com' }, '10.0.0.1')).rejects.toThrow('one e-mail address');
    await expect(signUp({ ...ann, email: 'd@example.com', password: 'short' }, '10.0.0.1')).rejects.toThrow('at least 8 characters');
    for (const password of ['Password1', '12345678', 'cafe.user-1', 'café zürich söhne'])
      await expect(signUp({ ...ann, email: 'cafe.user.1@example.com', password }, '10.0.0.1')).rejects.toThrow(/is one of the most common|must be more than/);
    expect(await count()).toBe(before);
  });

  it('accepts the right password alone', async () => {
    expect(await verifyCredentials({ email: 'ANN@example.com', password: ann.password, address: '10.0.0.2' })).toMatchObject({ name: 'Ann' });
    expect(await verifyCredentials({ email: 'ann@example.com', password: 'wrong', address: '10.0.0.2' })).toBeNull();
    expect(await verifyCredentials({ email: 'nobody@example.com', password: ann.password, address: '10.0.0.2' })).toBeNull();
    expect((await database.sql(`SELECT FROM login_attempt WHERE subject = 'address:10.0.0.2'`)).length).toBe(2);
    expect(await verifyCredentials({ email: ['ann@example.com'], password: { $ne: 1 }, address: '10.0.0.2' })).toBeNull();
  });

  it('stops guessing at an account, whether it exists or not, even with the right password', async () => {
    for (const email of ['b@example.com', 'ghost@example.com']) {
      for (let i = 0; i < 10; i++) expect(await verifyCredentials({ email, password: 'guess', address: `10.1.0.${i}` })).toBeNull();
      const refused = verifyCredentials({ email, password: ann.password, address: '10.1.0.99' });
      await expect(refused).rejects.toThrow(TooManyRequests);
      await expect(refused).rejects.toThrow('Too many attempts. Wait a few minutes, then try again.');
    }
  }, 60_000);

  it('keeps a session until it is revoked, and knows no other', async () => {
    const { userId, organization } = await signUp({ ...ann, email: 'f@example.com', organization: 'Fine' }, '10.0.0.3');
    const { cookie, sessionId } = await issueSession(userId);
    expect(cookie).toMatchObject({ name: 'heddle.session', secure: false });
    const user = await readSession(cookie.value);
    expect(user).toMatchObject({ id: userId, sessionId, email: 'f@example.com' });
    if (!user) return;
    expect(await contextOfMember(user, organization.slug, 'x')).toMatchObject({ role: 'owner', organizationId: organization.id });
    await expect(contextOfMember(user, 'cafe-zurich-sohne', 'x')).rejects.toThrow('This organization does not exist.');
    await expect(contextOfMember(user, 'absent', 'x')).rejects.toThrow('This organization does not exist.');
    expect((await listSessions(user)).map((s) => [s.id, s.current])).toEqual([[sessionId, true]]);
    const other = await issueSession((await signUp({ ...ann, email: 'g@example.com' }, '10.0.0.3')).userId);
    expect(await revokeSession(userId, other.sessionId)).toBe(false);
    expect(await revokeSession(userId, sessionId)).toBe(true);
    expect(await readSession(cookie.value)).toBeNull();
    expect(await readSession(other.cookie.value)).not.toBeNull();
    expect(await readSession(`${cookie.value}x`)).toBeNull();
    expect(await decodeSessionToken('nonsense')).toBeNull();
    await database.sql(`UPDATE session SET revoked_at = now() - interval '2 days' WHERE id = $1`, [sessionId]);
    await issueSession(userId);
    expect(await database.sql('SELECT FROM session WHERE id = $1', [sessionId])).toEqual([]);
    await withUser(userId, (tx) => tx.user.update({ where: { email: 'g@example.com' }, data: { disabledAt: new Date() } }));
  });
});
