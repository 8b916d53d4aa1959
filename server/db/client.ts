import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { databaseUrlFor } from '@/server/env';
import { PrismaClient } from './generated/client';
import { survivable } from './survivable';

/** Next bundles this module apart from the custom server, so the pools live on globalThis: one of each a process. */
interface Shared {
  app?: PrismaClient;
  appPool?: pg.Pool;
}
const shared = ((globalThis as { __heddleDb?: Shared }).__heddleDb ??= {});

/** The connection pool of people's and API traffic (role heddle_app, row-level security applies). */
export function appPool(): pg.Pool {
  shared.appPool ??= survivable(
    new pg.Pool({ connectionString: databaseUrlFor('heddle_app'), max: 10, idleTimeoutMillis: 30_000, application_name: 'heddle app' }),
  );
  return shared.appPool;
}

/** Prisma over appPool. Only server/db uses it; domains get a transaction from withTenant and its siblings. */
export function appClient(): PrismaClient {
  shared.app ??= new PrismaClient({ adapter: new PrismaPg(appPool(), { disposeExternalPool: false }) });
  return shared.app;
}

/** Closes the pools, at shutdown and after tests. */
export async function closeDatabase(): Promise<void> {
  await shared.app?.$disconnect();
  await shared.appPool?.end();
  shared.app = undefined;
  shared.appPool = undefined;
}
