import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { inject } from 'vitest';
import { type Role, roles } from '@/core/permissions';
import type { Context } from '@/server/auth/context';
import { databaseUrlFor, resetEnv } from '@/server/env';
import { closeDatabase } from './client';
import { survivable } from './survivable';
import { databaseUrl, testSecret } from './testing-postgres';
import type { OrganizationId } from './transaction';

export interface TestDatabase {
  /** address of the suite's own database as its owner: row-level security does not apply */
  ownerUrl: string;
  /** runs SQL as the owner, to look at what verbs wrote */
  sql: <R extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<R[]>;
  close: () => Promise<void>;
}

let current: TestDatabase | undefined;

/** A fresh database for this suite, cloned from the migrated template; the environment points at it. Call in beforeAll, `close()` in afterAll. */
export async function testDatabase(environment: Record<string, string> = {}): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `heddle_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await once(server, `CREATE DATABASE ${name} TEMPLATE ${inject('templateName')} STRATEGY = FILE_COPY`);
  const ownerUrl = databaseUrl(server, name);
  await closeDatabase();
  resetEnv({
    HEDDLE_SECRET: testSecret,
    DATABASE_URL: ownerUrl,
    HEDDLE_APP_DATABASE_URL: databaseUrlFor('heddle_app', ownerUrl, testSecret),
    HEDDLE_ENGINE_DATABASE_URL: databaseUrlFor('heddle_engine', ownerUrl, testSecret),
    HEDDLE_BLOBS: join(tmpdir(), 'heddle-test-blobs'),
    ...environment,
  });
  // DROP … WITH (FORCE) may cut a connection that is still saying goodbye
  const owner = survivable(new pg.Pool({ connectionString: ownerUrl, max: 2 }));
  // a connection that is still closing when the database is dropped is cut off, which is no fault of a test
  owner.on('connect', (client) => client.on('error', () => undefined));
  const database: TestDatabase = {
    ownerUrl,
    sql: async <R extends object>(text: string, values: unknown[] = []) => (await owner.query<R>(text, values)).rows,
    close: async () => {
      current = undefined;
      await closeDatabase();
      await owner.end();
      await once(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
  current = database;
  return database;
}

export interface TestTenant {
  /** of the organization's owner */
  ctx: Context;
  organizationId: OrganizationId;
  organizationSlug: string;
  projectId: string;
  projectSlug: string;
  userId: string;
  /** another member of the same organization, with this role */
  contextAs: (role: Role) => Context;
}

/** A fresh organization with a project and a member of each role. One a test or suite: nothing is shared, so nothing collides. */
export async function makeTenant(name = 'Test'): Promise<TestTenant> {
  if (!current) throw new Error('makeTenant() needs testDatabase() first, in beforeAll.');
  const { sql } = current;
  const organizationId = uuid() as OrganizationId;
  const projectId = uuid();
  const organizationSlug = `test-${organizationId.slice(-12)}`;
  await sql('INSERT INTO organization (id, slug, name) VALUES ($1, $2, $3)', [organizationId, organizationSlug, name]);
  const members = new Map(roles.map((role) => [role, { userId: uuid(), sessionId: uuid() }]));
  for (const [role, { userId, sessionId }] of members) {
    await sql('INSERT INTO user_account (id, email, name) VALUES ($1, $2, $3)', [userId, `${role}-${userId}@example.com`, `${name} ${role}`]);
    await sql(`INSERT INTO session (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`, [sessionId, userId]);
    await sql('INSERT INTO membership (organization_id, user_id, role) VALUES ($1, $2, $3::role)', [organizationId, userId, role]);
  }
  await sql('INSERT INTO project (organization_id, id, slug, name) VALUES ($1, $2, $3, $4)', [organizationId, projectId, 'default', 'Default']);
  const contextAs = (role: Role): Context => {
    const member = members.get(role);
    if (!member) throw new Error(`no member with the role ${role}`);
    return { actor: { type: 'user', id: member.userId, name: `${name} ${role}`, sessionId: member.sessionId }, organizationId, role, address: '127.0.0.1' };
  };
  const ctx = contextAs('owner');
  return { ctx, organizationId, organizationSlug, projectId, projectSlug: 'default', userId: ctx.actor.id, contextAs };
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
