import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissions, roleGrants, roles } from '@/core/permissions';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { appRouter } from './router';
import { type ApiContext, createCallerFactory, type ProcedureMeta } from './trpc';

interface Procedure {
  path: string;
  type: string;
  permission: string | undefined;
}
const procedures: Procedure[] = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string; meta?: ProcedureMeta } }>).map(
  ([path, p]) => ({ path, type: p._def.type, permission: p._def.meta?.permission }),
);
const inOrganizations = procedures.filter((p) => p.permission !== 'public' && p.permission !== 'user');
const createCaller = createCallerFactory(appRouter);

function contextOf(tenant: TestTenant, role: (typeof roles)[number]): ApiContext {
  const { actor } = tenant.contextAs(role);
  const user = { id: actor.id, name: actor.name, email: '', sessionId: 'sessionId' in actor ? actor.sessionId : '' };
  return { session: async () => user, recheckSession: async () => user, address: '' };
}

/** Calls a procedure by path; a subscription is opened to its first event. Answers the error's code, or `ok`. */
async function outcome(ctx: ApiContext, path: string, input: unknown): Promise<string> {
  const target = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], createCaller(ctx)) as (input: unknown) => Promise<unknown>;
  try {
    const answer = await target(input);
    if (answer && typeof answer === 'object' && Symbol.asyncIterator in answer) await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().return?.();
    return 'ok';
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

describe('every procedure', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let other: TestTenant;
  beforeAll(async () => {
    database = await testDatabase();
    tenant = await makeTenant('Mine');
    other = await makeTenant('Theirs');
  });
  afterAll(() => database.close());

  it('declares who may call it', () => {
    expect(procedures.length).toBeGreaterThan(30);
    expect(procedures.filter((p) => !['public', 'user', ...permissions].includes(p.permission ?? ''))).toEqual([]);
  });

  it('is named like its permission when it changes something in an organization', () => {
    const changing = inOrganizations.filter((p) => p.type === 'mutation').map((p) => `${p.path} ${p.permission}`);
    expect(changing.sort()).toMatchInlineSnapshot(`
      [
        "apiKeys.create api-key:create",
        "apiKeys.revoke api-key:revoke",
        "approvals.decide approval:decide",
        "approvals.reassign approval:reassign",
        "circuits.reset circuit:reset",
        "circuits.trip circuit:trip",
        "credentials.create credential:create",
        "credentials.delete credential:delete",
        "deadLetters.discard dead-letter:discard",
        "deadLetters.retry dead-letter:retry",
        "events.configure event:configure",
        "events.publish event:publish",
        "events.replay event:replay",
        "limits.setOrganization limit:update",
        "limits.setProject limit:update",
        "organizations.inviteMember member:invite",
        "organizations.removeMember member:remove",
        "organizations.rename organization:update",
        "organizations.revokeInvitation member:invite",
        "organizations.setRole member:update",
        "projects.create project:create",
        "retention.set organization:update",
        "runs.cancel run:cancel",
        "runs.cancelMany run:cancel",
        "runs.fork run:fork",
        "runs.pause run:pause",
        "runs.replay run:replay",
        "runs.rerun run:rerun",
        "runs.resume run:resume",
        "runs.retry run:retry",
        "runs.retryMany run:retry",
        "runs.start workflow:execute",
        "signals.send run:signal",
        "workflows.create workflow:create",
        "workflows.delete workflow:delete",
        "workflows.importAwl workflow:create",
        "workflows.publish workflow:publish",
        "workflows.restore workflow:delete",
        "workflows.saveDraft workflow:update",
        "workflows.validate workflow:read",
      ]
    `);
  });

  it.each(inOrganizations)('$path refuses a stranger to the organization as if there were none', async ({ path }) => {
    const stranger = contextOf(other, 'owner');
    const foreign = await outcome(stranger, path, { org: tenant.organizationSlug });
    expect(foreign).toBe('NOT_FOUND: This organization does not exist.');
    expect(await outcome(stranger, path, { org: 'no-such-organization' })).toBe(foreign);
  });

  it.each(procedures.filter((p) => p.permission !== 'public'))('$path refuses whoever is not signed in', async ({ path }) => {
    const nobody: ApiContext = { session: async () => null, recheckSession: async () => null, address: '' };
    expect(await outcome(nobody, path, { org: tenant.organizationSlug })).toBe('UNAUTHORIZED: Sign in first.');
  });

  it.each(inOrganizations)('$path lets exactly the roles with $permission in', async ({ path, permission }) => {
    for (const role of roles) {
      // an unknown key is refused by every input schema, so nothing is carried out
      const answer = await outcome(contextOf(tenant, role), path, { org: tenant.organizationSlug, unknownKey: 1 });
      const expected = roleGrants(role, permission as never) ? /^UNPROCESSABLE_CONTENT|^BAD_REQUEST/ : /^FORBIDDEN: This needs the permission/;
      expect(`${role} ${answer}`.slice(role.length + 1)).toMatch(expected);
    }
  });
});
