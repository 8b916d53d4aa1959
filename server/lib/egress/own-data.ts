import { env } from '@/server/env';

/** Heddle's own address as workflows know it, the expression name `env.heddle_url`: NEXTAUTH_URL, else this machine's HOST and PORT. */
export function heddleUrl(): string {
  const { NEXTAUTH_URL, HOST, PORT } = env();
  if (NEXTAUTH_URL) return new URL(NEXTAUTH_URL).origin;
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST;
  return `http://${host}:${PORT}`;
}

const dataPath = /^\/data\/[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/**
 * Whether this request reads Heddle's own public data: exactly Heddle's origin, GET or HEAD, a plain path under /data/.
 * The one exception to the address rules, since Heddle's own address is often private. Nothing else of Heddle is reachable this way.
 */
export function isOwnData(url: URL, method: string, ownOrigin: string | undefined): boolean {
  return url.origin === ownOrigin && (method === 'GET' || method === 'HEAD') && dataPath.test(url.pathname) && !url.pathname.includes('..');
}
