import { closeDatabase } from '@/server/db/client';
import { placeOf } from '@/server/db/connect-owner';
import { prepareDatabase } from '@/server/db/provision';
import { env, resetEnv } from '@/server/env';
import { type EmbeddedPostgres, ownerUrl, startEmbeddedPostgres } from './embedded-postgres';
import { ensureMasterSecret, openHome } from './home';
import { HomeLocked, type LockHolder, takeHomeLock } from './home-lock';
import { readCluster } from './postgres-cluster';
import { isSameProcess, waitForExit } from './process-identity';
import { projectRoot } from './project-root';

export interface DatabaseAtHand {
  /** the owner's address */
  url: string;
  /** where it is, without a password */
  place: string;
  /** migrations applied just now */
  applied: string[];
}

/**
 * For commands: runs `work` with a database that is reachable, migrated and provisioned, and with the environment set so that
 * withTenant and its siblings work. That is DATABASE_URL when given; else the embedded PostgreSQL of HEDDLE_HOME: the running
 * one when Heddle runs, otherwise it is started for the time of the command.
 */
export async function withDatabase<T>(work: (database: DatabaseAtHand) => Promise<T>): Promise<T> {
  const root = projectRoot();
  const home = openHome();
  const secret = ensureMasterSecret(home);
  const given = env().DATABASE_URL;
  const { url, release } = given ? { url: given, release: async () => {} } : await embedded(root, home);
  try {
    const { applied, appUrl, engineUrl } = await prepareDatabase(root, url, secret);
    resetEnv({ HEDDLE_SECRET: secret, HEDDLE_APP_DATABASE_URL: appUrl, HEDDLE_ENGINE_DATABASE_URL: engineUrl });
    return await work({ url, place: placeOf(url), applied });
  } finally {
    await closeDatabase().catch(() => {});
    await release();
  }
}

async function embedded(root: string, home: string): Promise<{ url: string; release: () => Promise<void> }> {
  for (;;) {
    let unlock: () => void;
    try {
      unlock = takeHomeLock(home, `heddle ${commandName()}`);
    } catch (error) {
      if (!(error instanceof HomeLocked)) throw error;
      if (error.holder.command === 'heddle start') {
        const url = await runningUrl(home, error.holder);
        if (url) return { url, release: async () => {} };
      } else {
        await waitForExit(error.holder.pid, 60_000);
      }
      continue;
    }
    let server: EmbeddedPostgres;
    try {
      server = await startEmbeddedPostgres(root, home, (text) => process.stderr.write(`heddle  ${text} …\n`));
    } catch (error) {
      unlock();
      throw error;
    }
    const release = async (): Promise<void> => {
      await server.stop();
      unlock();
    };
    return { url: server.url, release };
  }
}

function commandName(): string {
  return process.argv.slice(2).find((a) => !a.startsWith('-')) ?? 'command';
}

/** The address of the database of a running `heddle start`, once it answers; undefined when that process ends first. */
async function runningUrl(home: string, holder: LockHolder): Promise<string | undefined> {
  const { default: pg } = await import('pg');
  while (isSameProcess(holder)) {
    const cluster = readCluster(home);
    if (cluster?.port) {
      const url = ownerUrl(cluster, 'heddle');
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
      client.on('error', () => {});
      try {
        await client.connect();
        return url;
      } catch {
        // still starting
      } finally {
        await client.end().catch(() => {});
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return undefined;
}
