import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { closeInline } from '@/server/engine/inline';
import { checkReadiness } from '@/server/health';
import { isOfTheMoment } from '@/server/lib/database-errors';
import { logger } from '@/server/lib/logger';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { closeNotifications } from '@/server/queue/notifications';
import { closeHooks } from '@/server/triggers';
import { Admission } from './admission';
import { routes } from './api/routes';
import { serveApi } from './api/serve-api';
import { serveCallback } from './hooks/serve-callback';
import { serveHook } from './hooks/serve-hook';
import { countRequest, metricsText, type RouteClass } from './metrics';
import { openApi } from './openapi';
import { HttpError, knownProblem, problem } from './problem';
import { RouteTable } from './route-table';
import { send, sendProblem } from './send';
import { whenClosed } from './when-closed';

export interface RouterOptions {
  /** folder of the program, whose migrations /readyz looks for; the working directory when absent */
  root?: string;
  /** requests worked on at once, beyond which the answer is 429 */
  limits?: { api?: number; hooks?: number };
}

const isApi = (path: string) => path.startsWith('/api/v1') && (path.length === 7 || path[7] === '/');
const overloaded = () => new HttpError(429, 'overloaded', 'Heddle is busy. Try again in a moment.', { 'retry-after': '1' });

/**
 * Answers the traffic of machines: /api/v1, /hooks, /callbacks, /healthz, /readyz, /metrics, /openapi.json. The returned function is false for every other
 * path, and has done nothing then.
 */
export function createHttpRouter({ root = process.cwd(), limits = {} }: RouterOptions = {}): (req: IncomingMessage, res: ServerResponse) => boolean {
  const table = new RouteTable(routes);
  const api = new Admission(limits.api ?? 1_000);
  const hooks = new Admission(limits.hooks ?? 4_000);

  const admit = (admission: Admission, req: IncomingMessage, res: ServerResponse, work: (release: () => void) => Promise<void>) => {
    const release = admission.enter();
    if (!release) return fail(req, res, overloaded());
    const closed = whenClosed(req, res);
    // the place is held while there is work, and then until the client has taken the answer: it is memory until then
    work(release)
      .catch((error) => fail(req, res, error))
      .finally(() => closed.then(release));
  };

  return (req, res) => {
    const url = req.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    if (path.startsWith('/hooks/')) {
      watch(res, 'hooks');
      admit(hooks, req, res, (release) => serveHook(req, res, path, query, release));
    } else if (path.startsWith('/callbacks/')) {
      watch(res, 'hooks');
      admit(hooks, req, res, () => serveCallback(req, res, path, query));
    } else if (isApi(path)) {
      watch(res, 'api');
      admit(api, req, res, (release) => serveApi(table, req, res, path, query, release));
    } else if (path === '/healthz' || path === '/readyz' || path === '/metrics' || path === '/openapi.json') {
      watch(res, 'system');
      serveSystem(root, req, res, path).catch((error) => fail(req, res, error));
    } else return false;
    return true;
  };
}

function watch(res: ServerResponse, kind: RouteClass): void {
  const since = performance.now();
  res.once('close', () => countRequest(kind, res.statusCode, since));
}

async function serveSystem(root: string, req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    if (req.method === 'OPTIONS') return send(res, 204, undefined, { allow: 'GET, HEAD, OPTIONS' });
    throw new HttpError(405, 'method_not_allowed', `${path} is read with GET.`, { allow: 'GET, HEAD, OPTIONS' });
  }
  if (path === '/healthz') return send(res, 200, '{"status":"ok"}');
  if (path === '/readyz') {
    const readiness = await checkReadiness(root);
    if (readiness.ready) return send(res, 200, '{"status":"ready"}');
    return sendProblem(res, problem(503, 'not_ready', readiness.reason), { 'retry-after': '2' });
  }
  if (path === '/metrics') {
    const { text, contentType } = await metricsText();
    return send(res, 200, text, { 'content-type': contentType });
  }
  const { text, etag } = openApi();
  if (req.headers['if-none-match'] === etag) return send(res, 304, undefined, { etag });
  return send(res, 200, text, { etag, 'cache-control': 'no-cache' });
}

/** Answers an error. One that nobody foresaw is logged with an id and shown as that id alone. */
function fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
  const known = knownProblem(error);
  if (known) return sendProblem(res, known.problem, known.headers);
  if (isOfTheMoment(error)) {
    logger.warn({ error: (error as Error).message }, 'the database does not answer');
    if (res.headersSent) return void res.destroy();
    return sendProblem(res, problem(503, 'unavailable', 'The database of Heddle does not answer at the moment. Try again shortly.'), { 'retry-after': '2' });
  }
  const requestId = randomBytes(9).toString('base64url');
  const path = (req.url ?? '').replace(/\?.*$/s, '').replace(/^\/(hooks|callbacks)\/.*/, '/$1/…');
  logger.error({ err: error, requestId, method: req.method, path }, 'a request failed');
  if (res.headersSent) res.destroy();
  else sendProblem(res, problem(500, 'internal', 'This is a fault of Heddle. Its log has the details under this request id.', { requestId }));
}

/** Writes out what is pending and disconnects, at shutdown and after tests: call it when no request is left. */
export async function closeMachineTraffic(): Promise<void> {
  await closeInline();
  await closeHooks();
  await closeNotifications();
  await closeEnginePool();
}
