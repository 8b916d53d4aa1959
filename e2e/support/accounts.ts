import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Role } from '@/core/permissions';
import { createApiKey } from '@/server/api-keys';
import { issueSession } from '@/server/auth';
import type { Context } from '@/server/auth/context';
import type { OrganizationId } from '@/server/db/transaction';
import { resetEnv } from '@/server/env';
import { signUp } from '@/server/organizations';
import { ownerUrl } from '@/server/processes/embedded-postgres';
import { readCluster } from '@/server/processes/postgres-cluster';

export interface Account {
  userId: string;
  email: string;
  password: string;
  name: string;
  role: Role;
  /** what the verbs take: this person in their organization */
  ctx: Context;
  organization: { id: string; slug: string; name: string };
  project: { id: string; slug: string };
}

export const password = 'correct horse battery staple';
let owner: pg.Pool | undefined;
let made = 0;

/** Points the verbs at the database of the running product, so that tests prepare people and keys without clicking. */
export function connect(): void {
  if (owner) return;
  const home = process.env.HEDDLE_E2E_HOME;
  const url = process.env.HEDDLE_E2E_URL;
  if (!home || !url) throw new Error('HEDDLE_E2E_HOME and HEDDLE_E2E_URL say which product to test; e2e/support/product.ts sets them.');
  const cluster = readCluster(home);
  if (!cluster) throw new Error(`${home} has no postgres.json: is the product running with its embedded PostgreSQL?`);
  const DATABASE_URL = ownerUrl(cluster, 'heddle');
  resetEnv({ HEDDLE_SECRET: readFileSync(join(home, 'secret'), 'utf8').trim(), DATABASE_URL, PORT: new URL(url).port || '80' });
  owner = new pg.Pool({ connectionString: DATABASE_URL, max: 2 });
}

/** SQL as the owner of the database, for what no verb does. */
export async function sql<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
  connect();
  return ((await owner?.query<R>(text, values)) ?? { rows: [] }).rows;
}

/** A fresh person with an organization, a project and the built-in workflows. */
export async function makeAccount(name = 'Ada Lovelace', organization = 'Analytical Engines'): Promise<Account> {
  connect();
  made++;
  const email = `e2e-${uuid().slice(-12)}@example.com`;
  const result = await signUp({ email, password, name, organization }, `e2e-${process.pid}-${made}`);
  const person = { userId: result.userId, email, password, name, role: 'owner' as const };
  return { ...person, organization: result.organization, project: result.project, ctx: contextOf(person, result.organization.id) };
}

/** Another person, with this role in the organization of `account`. */
export async function makeMember(account: Account, role: Role, name = `The ${role}`): Promise<Account> {
  const own = await makeAccount(name, `${name}'s own`);
  await sql('INSERT INTO membership (organization_id, user_id, role) VALUES ($1, $2, $3::role)', [account.organization.id, own.userId, role]);
  return { ...account, userId: own.userId, email: own.email, name, role, ctx: contextOf({ userId: own.userId, name, role }, account.organization.id) };
}

/** An API key of the account's organization. */
export async function makeKey(account: Account, role: Role = 'owner'): Promise<string> {
  const { key } = await createApiKey(account.ctx, { name: `key of ${account.name}`, role });
  return key;
}

/** Signs this browser in: a session row and its cookie, no clicking. */
export async function signIn(context: BrowserContext, account: Account): Promise<void> {
  connect();
  const { cookie } = await issueSession(account.userId);
  await context.addCookies([{ name: cookie.name, value: cookie.value, url: process.env.HEDDLE_E2E_URL, httpOnly: true, sameSite: 'Lax' }]);
}

function contextOf(person: { userId: string; name: string; role: Role }, organizationId: string): Context {
  return {
    actor: { type: 'user', id: person.userId, name: person.name, sessionId: uuid() },
    organizationId: organizationId as OrganizationId,
    role: person.role,
    address: '127.0.0.1',
  };
}
