import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from './testing';
import { withTenant, withUser } from './transaction';

describe('row-level security', () => {
  let database: TestDatabase;
  let mine: TestTenant;
  let theirs: TestTenant;
  beforeAll(async () => {
    database = await testDatabase();
    mine = await makeTenant('Mine');
    theirs = await makeTenant('Theirs');
  });
  afterAll(() => database.close());

  it('shows a tenant its own rows alone, without a WHERE', async () => {
    const projects = await withTenant(mine.organizationId, (tx) => tx.project.findMany());
    expect(projects.map((p) => p.id)).toEqual([mine.projectId]);
    const organizations = await withTenant(mine.organizationId, (tx) => tx.organization.findMany());
    expect(organizations.map((o) => o.id)).toEqual([mine.organizationId]);
  });

  it('refuses a row written for another tenant', async () => {
    const write = withTenant(mine.organizationId, (tx) =>
      tx.project.create({ data: { organizationId: theirs.organizationId, id: mine.projectId, slug: 'stolen', name: 'Stolen' } }),
    );
    await expect(write).rejects.toThrow(/row-level security|42501/);
    expect(await database.sql(`SELECT FROM project WHERE slug = 'stolen'`)).toEqual([]);
  });

  it('forbids every tenant table to be without a forced policy', async () => {
    const open = await database.sql<{ table: string }>(`
      SELECT c.relname AS table FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`);
    expect(open).toEqual([]);
  });

  it('leads every primary key of a tenant table with the organization', async () => {
    const wrong = await database.sql<{ table: string }>(`
      SELECT c.relname AS table FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
      JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND i.indkey[0] <> a.attnum`);
    expect(wrong.map((w) => w.table)).toEqual(['run_queue']); // ordered by arrival over all tenants
  });

  it('shows a person the organizations of their memberships', async () => {
    const seen = await withUser(mine.userId, (tx) => tx.organization.findMany());
    expect(seen.map((o) => o.id)).toEqual([mine.organizationId]);
  });

  it('connects as roles that cannot bypass it', async () => {
    const roles = await database.sql<{ name: string; bypass: boolean; super: boolean }>(
      `SELECT rolname AS name, rolbypassrls AS bypass, rolsuper AS super FROM pg_roles WHERE rolname IN ('heddle_app', 'heddle_engine') ORDER BY 1`,
    );
    expect(roles).toEqual([
      { name: 'heddle_app', bypass: false, super: false },
      { name: 'heddle_engine', bypass: false, super: false },
    ]);
  });
});
