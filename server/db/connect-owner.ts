import pg from 'pg';

/** A database that cannot be used, in words that say what to do. */
export class DatabaseProblem extends Error {
  override readonly name = 'DatabaseProblem';
}

/** Where a database is, without its password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${decodeURIComponent(pathname.slice(1)) || 'postgres'} on ${hostname || 'localhost'}:${port || 5432}`;
}

/** Turns a failed connection into a DatabaseProblem that names the place and the remedy. */
export function explainConnection(url: string, error: unknown): DatabaseProblem {
  const { code, message } = error as { code?: string; message?: string };
  const place = placeOf(url);
  const user = decodeURIComponent(new URL(url).username) || 'postgres';
  const says = (text: string): DatabaseProblem => new DatabaseProblem(text, { cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return says(`DATABASE_URL: nothing answers at the database ${place}. Is PostgreSQL running there?`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return says(`DATABASE_URL: the host of the database ${place} is not known (${code}).`);
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return says(`DATABASE_URL: the database ${place} cannot be reached (${code}).`);
    case '28P01':
    case '28000':
      return says(`DATABASE_URL: the database ${place} refuses the user ${user}: ${message}`);
    case '3D000':
      return says(
        `DATABASE_URL: the database ${place} does not exist, and ${user} may not create it. Create it: CREATE DATABASE ${pg.escapeIdentifier(decodeURIComponent(new URL(url).pathname.slice(1)))}`,
      );
    case '53300':
      return says(`DATABASE_URL: the database ${place} has no connection left (max_connections).`);
    default:
      if (/timeout/i.test(message ?? '')) return says(`DATABASE_URL: the database ${place} does not answer in time.`);
      return says(`DATABASE_URL: the database ${place} cannot be used: ${message || code || String(error)}`);
  }
}

function newClient(url: string): pg.Client {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'heddle setup', keepAlive: true });
  client.on('error', () => {});
  return client;
}

/** Connects as the owner; makes the database when it is absent and the user may, unless told not to. */
export async function connectOwner(url: string, { create = true } = {}): Promise<pg.Client> {
  const client = newClient(url);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    if ((error as { code?: string }).code === '3D000' && create && (await createDatabase(url))) return connectOwner(url);
    throw explainConnection(url, error);
  }
}

async function createDatabase(url: string): Promise<boolean> {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  if (name === 'postgres') return false;
  maintenance.pathname = '/postgres';
  const client = newClient(maintenance.toString());
  try {
    await client.connect();
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    return true;
  } catch (error) {
    // made by another process this instant
    return (error as { code?: string }).code === '42P04';
  } finally {
    await client.end().catch(() => {});
  }
}
