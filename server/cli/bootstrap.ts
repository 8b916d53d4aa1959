import type { Command } from 'commander';
import { ensureBootstrapKey } from '@/server/api-keys';
import { contextOfMember, verifyCredentials } from '@/server/auth';
import { Invalid } from '@/server/lib/errors';
import { listOrganizations, signUp } from '@/server/organizations';
import { withDatabase } from '@/server/processes/with-database';
import { createProject, listProjects } from '@/server/projects';

interface Options {
  email: string;
  password: string;
  org?: string;
  name?: string;
  json: boolean;
}
/** what the audit log shows as the caller's address */
const address = 'command line';

/**
 * The first owner with an organization, a project and an API key. Called again for the same address (and password) it changes nothing and prints
 * the same, the key included: see docs/decisions/0301-bootstrap-key.md.
 */
async function bootstrap({ email, password, org, name, json }: Options): Promise<void> {
  const made = await withDatabase(async () => {
    const person = await signInOrUp(email, password, org, name);
    const ctx = await contextOfMember({ ...person, sessionId: '' }, await organizationOf(person.id, org), address);
    const project = (await listProjects(ctx))[0] ?? (await createProject(ctx, { name: 'First project' }));
    const organization = (await listOrganizations(person.id)).find((o) => o.id === ctx.organizationId);
    return { organization: organization?.slug ?? '', project: project.slug, apiKey: await ensureBootstrapKey(ctx) };
  });
  if (json) process.stdout.write(`${JSON.stringify(made)}\n`);
  else process.stdout.write(`organization  ${made.organization}\nproject       ${made.project}\nAPI key       ${made.apiKey}\n`);
}

async function signInOrUp(
  email: string,
  password: string,
  org: string | undefined,
  name: string | undefined,
): Promise<{ id: string; email: string; name: string }> {
  const known = await verifyCredentials({ email, password, address });
  if (known) return known;
  const called = name ?? email.split('@')[0] ?? email;
  try {
    await signUp({ email, password, name: called, organization: org ?? `${called}'s organization` }, address);
  } catch (error) {
    if (!(error instanceof Invalid) || !/cannot be used for a new account/.test(error.message)) throw error;
  }
  // a second process may have made the same person this instant: then the password decides
  const person = await verifyCredentials({ email, password, address });
  if (!person) throw new Error(`There is an account ${email} already, and this is not its password.`);
  return person;
}

/** The organization of that name or slug, else the one this person owns that sorts first. */
async function organizationOf(userId: string, wanted: string | undefined): Promise<string> {
  const all = await listOrganizations(userId);
  const named = all.find((o) => o.slug === wanted || o.name === wanted);
  const found = named ?? all.find((o) => o.role === 'owner') ?? all[0];
  if (!found) throw new Error('This person belongs to no organization any more.');
  return found.slug;
}

export function register(program: Command): void {
  program
    .command('bootstrap')
    .description('make the first owner, organization, project and API key; repeatable')
    .requiredOption('--email <address>', 'of the owner')
    .requiredOption('--password <password>', 'of the owner, 8 characters or more')
    .option('--org <name>', 'name of the organization')
    .option('--name <name>', 'of the owner')
    .option('--json', 'print {"organization","project","apiKey"}', false)
    .action(bootstrap);
}
