import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptRun, runInline } from '@/server/engine/inline';
import { waitForRun } from '@/server/queue/notifications';
import { findHook, type HookTarget, hookContext } from '@/server/triggers';
import { megabyte, readBody } from '../body';
import { idempotencyKey, once } from '../idempotency';
import { countRun } from '../metrics';
import { HttpError } from '../problem';
import { waiting } from '../waiting';
import { acceptedAnswer, endedAnswer, type HookAnswer, outcomeFromLog } from './hook-answer';
import { hookInput } from './hook-input';

const bodyLimit = 10 * megabyte;
/** how long a caller is kept waiting for a run that went to a worker */
const patience = 30_000;

/** One call of a hook address. The hot path: no transaction of its own, no schema library, one promise a stage. */
export function serveHook(req: IncomingMessage, res: ServerResponse, rest: string, path: string, query: string): Promise<void> {
  const slash = rest.indexOf('/');
  const target = findHook(slash < 0 ? rest : rest.slice(0, slash));
  if (target instanceof Promise) return target.then((found) => begin(found, req, res, path, query));
  return begin(target, req, res, path, query);
}

async function begin(target: HookTarget | undefined, req: IncomingMessage, res: ServerResponse, path: string, query: string): Promise<void> {
  if (!target) throw new HttpError(404, 'not_found', 'There is no hook at this address.');
  const method = req.method ?? 'GET';
  if (method !== target.method && (target.method !== 'ANY' || method === 'OPTIONS')) {
    const allow = target.method === 'ANY' ? 'GET, POST, PUT, PATCH, DELETE' : `${target.method}, OPTIONS`;
    if (method === 'OPTIONS') return write(res, { status: 204, headers: { allow }, body: '' });
    throw new HttpError(405, 'method_not_allowed', `This hook does not take ${method}.`, { allow });
  }
  const raw = hasBody(req) ? await readBody(req, bodyLimit) : Buffer.alloc(0);
  const key = method === 'POST' ? idempotencyKey(req) : undefined;
  const run = () => answerOf(target, req, res, path, query, raw);
  if (!key) return write(res, await run());
  const answer = await once(target.organizationId, `hook ${target.workflowId}`, key, raw, run);
  write(res, { ...answer, headers: { ...answer.headers, ...('replayed' in answer ? { 'idempotency-replayed': 'true' } : {}) } });
}

const hasBody = ({ headers }: IncomingMessage) => headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

async function answerOf(target: HookTarget, req: IncomingMessage, res: ServerResponse, path: string, query: string, raw: Buffer): Promise<HookAnswer> {
  const { organizationId, workflowId, versionId, respond, priority } = target;
  const run = { organizationId, workflowId, versionId, trigger: 'webhook' as const, input: hookInput(target, req, path, query, raw), priority };
  if (respond === 'accepted') {
    const runId = await acceptRun(run);
    countRun('webhook');
    return acceptedAnswer(runId);
  }
  const result = await runInline(run);
  countRun('webhook');
  const step = respond === 'last' ? undefined : respond;
  if (!result.handedOver && (result.respond || !step)) return endedAnswer(result);
  const { runId } = result;
  if (result.handedOver && !(await waiting(() => waitForRun(organizationId, runId, patience, goneSignal(res))))) return acceptedAnswer(runId);
  return endedAnswer(await outcomeFromLog(hookContext(target, req.socket.remoteAddress ?? ''), runId, step));
}

function goneSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}

function write(res: ServerResponse, { status, headers, body }: HookAnswer): void {
  if (res.destroyed) return;
  if (body === '') res.writeHead(status, headers).end();
  else res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
