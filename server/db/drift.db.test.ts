import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { processEnvironment } from '@/server/env';
import { testDatabase } from './testing';

/** What the migrations add on purpose and the Prisma schema cannot say. */
const beyondPrisma = ['ALTER TABLE "workflow" DROP CONSTRAINT "workflow_current_version_fkey";'];

it('has migrations that make exactly the tables of the Prisma schema', async () => {
  const database = await testDatabase();
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const env = { ...processEnvironment(), DATABASE_URL: database.ownerUrl, PRISMA_SCHEMA_ENGINE_BINARY: `${root}/scripts/prisma-schema-engine.mjs` };
  const args = [`${root}/node_modules/prisma/build/index.js`, 'migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema', '--script'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  await database.close();
  const statements = stdout.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('--') && !beyondPrisma.includes(line));
  expect(statements).toEqual([]);
});
