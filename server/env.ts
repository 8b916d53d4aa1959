import { createHmac } from 'node:crypto';
import { z } from 'zod';

/**
 * The only place that reads process.env. Every variable of contract.md is validated on first use; an error names the variable and what it wants.
 * DATABASE_URL and HEDDLE_SECRET are always set for web and worker: the supervisor fills them in when the embedded PostgreSQL is used.
 */
const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'wants a PostgreSQL address, postgresql://user:password@host:5432/name');
const schema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: z.coerce.number({ error: 'wants a port number, 0 to 65535' }).int().min(0).max(65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: databaseUrl.optional(),
  /** set by the supervisor for its children, so that they never hold the owner's address */
  HEDDLE_APP_DATABASE_URL: databaseUrl.optional(),
  HEDDLE_ENGINE_DATABASE_URL: databaseUrl.optional(),
  HEDDLE_HOME: z.string().min(1).default('./.heddle'),
  HEDDLE_WORKERS: z.coerce.number({ error: 'wants a number of worker processes, 1 to 64' }).int().min(1).max(64).default(1),
  HEDDLE_SECRET: z.string().min(32, 'wants at least 32 characters of randomness (openssl rand -base64 32)').optional(),
  NEXTAUTH_URL: z.url('wants the public address of Heddle, https://heddle.example.com').optional(),
  HEDDLE_EGRESS_ALLOW: z
    .string()
    .default('')
    .transform((s) => s.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(z.string().regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, 'wants CIDRs separated by commas, 10.0.0.0/8,192.168.1.0/24'))),
  /** folder of the blob store; absent: blobs under HEDDLE_HOME */
  HEDDLE_BLOBS: z.string().min(1).optional(),
  HEDDLE_S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'wants the address of an S3-compatible store, https://s3.eu-central-1.amazonaws.com' }).optional(),
  HEDDLE_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'wants the name of a bucket')
    .optional(),
  HEDDLE_S3_REGION: z.string().min(1).default('us-east-1'),
  HEDDLE_S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  HEDDLE_S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** what one organization may keep in the blob store */
  HEDDLE_STORAGE_LIMIT: z.coerce.number({ error: 'wants a number of bytes, 5000000000' }).int().min(0).default(5_000_000_000),
  /** days that runs are kept where an organization chose nothing; 0: for ever */
  HEDDLE_RETENTION_DAYS: z.coerce.number({ error: 'wants a number of days, 0 to keep runs for ever' }).int().min(0).max(36_500).default(90),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  GITHUB_CLIENT_ID: z.string().optional(),
  GITHUB_CLIENT_SECRET: z.string().optional(),
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  OIDC_ISSUER: z.url('wants the issuer address of the OpenID provider').optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().default('Single sign-on'),
});
export type Env = z.infer<typeof schema>;

/** Parses an environment. Throws an Error whose message has one line a variable. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, v]) => v !== undefined && v !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (i) => `${i.path[0]?.toString()}: ${i.message} (found ${JSON.stringify(redact(String(i.path[0]), given[String(i.path[0])]))})`,
  );
  throw new Error(`The environment is not valid.\n  ${lines.join('\n  ')}`);
}

function redact(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return value;
  if (/SECRET|KEY|PASSWORD/.test(name)) return `${value.length} characters`;
  return value.replace(/\/\/[^@/]*@/, '//***@');
}

let parsed: Env | undefined;
/** The validated environment of this process, parsed once. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

/** The raw environment, to hand to a child process. Settings are read from env(). */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** For tests: changes variables of this process and forgets what was parsed. */
export function resetEnv(changes: Record<string, string> = {}): void {
  Object.assign(process.env, changes);
  parsed = undefined;
}

/** HEDDLE_SECRET, or an error that says who should have set it. */
export function masterSecret(): string {
  const secret = env().HEDDLE_SECRET;
  if (!secret) throw new Error('HEDDLE_SECRET is not set: `heddle start` makes one under HEDDLE_HOME; with DATABASE_URL give your own.');
  return secret;
}

/** A key for one purpose, derived from the master secret: HMAC-SHA-256, 32 bytes. */
export function deriveKey(purpose: string, secret: string = masterSecret()): Buffer {
  return createHmac('sha256', secret).update(`heddle/${purpose}/v1`).digest();
}

export type DatabaseRole = 'heddle_app' | 'heddle_engine';

/** The password of a database role, the same in every process that knows the master secret. */
export function databasePassword(role: DatabaseRole, secret: string = masterSecret()): string {
  return deriveKey(`database/${role}`, secret).toString('base64url');
}

/** The owner's address with another user: the same server and database. */
export function databaseUrlFor(role: DatabaseRole, owner?: string, secret?: string): string {
  const given = role === 'heddle_app' ? env().HEDDLE_APP_DATABASE_URL : env().HEDDLE_ENGINE_DATABASE_URL;
  if (given && !owner) return given;
  const base = owner ?? env().DATABASE_URL;
  if (!base) throw new Error('DATABASE_URL is not set. `heddle start` runs an embedded PostgreSQL; a single process needs the address of one.');
  const url = new URL(base);
  url.username = role;
  url.password = databasePassword(role, secret);
  return url.toString();
}

/** The address people reach Heddle at: NEXTAUTH_URL, else localhost with PORT. No trailing slash. */
export function publicUrl(): string {
  const { NEXTAUTH_URL, HOST, PORT } = env();
  if (NEXTAUTH_URL) return new URL(NEXTAUTH_URL).origin;
  const host = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(HOST) ? 'localhost' : HOST;
  return `http://${host}:${PORT}`;
}

/** next-auth reads NEXTAUTH_URL from the environment itself: make sure that it finds our address there. */
export function nameThisSite(): void {
  process.env.NEXTAUTH_URL ??= publicUrl();
}
