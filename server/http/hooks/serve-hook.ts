import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '@/core/workflow/workflow';
import { acceptRun, runInline } from '@/server/engine/inline';
import { acceptLimitedRun } from '@/server/queue/accept-limited-run';
import type { Submitted } from '@/server/queue/enqueue';
import { waitForRun } from '@/server/queue/wait-for-run';
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
export async function serveHook(req: IncomingMessage, res: ServerResponse, path: string, query: string, release: () => void): Promise<void> {
  const slash = path.indexOf('/', 7);
  const known = findHook(slash < 0 ? path.slice(7) : path.slice(7, slash));
  const target = known instanceof Promise ? await known : known;
  if (!target) throw new HttpError(404, 'not_found', 'There is no hook at this address.');
  const method = req.method ?? 'GET';
  if (method !== target.method && (target.method !== 'ANY' || method === 'OPTIONS')) {
    const allow = target.method === 'ANY' ? 'GET, POST, PUT, PATCH, DELETE' : `${target.method}, OPTIONS`;
    if (method === 'OPTIONS') return write(res, { status: 204, headers: { allow }, body: '' });
    throw new HttpError(405, 'method_not_allowed', `This hook does not take ${method}.`, { allow });
  }
  const raw = hasBody(req) ? await readBody(req, bodyLimit) : Buffer.alloc(0);
  const key = method === 'POST' ? idempotencyKey(req) : undefined;
  const input = hookInput(target, req, path, query, raw);
  const work = (runId?: string) => answerOf(target, input, runId, req, res, release);
  if (!key) return write(res, await work());
  const answer = await once(target.organizationId, `hook ${target.workflowId}`, key, [method, path, query, raw], work);
  write(res, { ...answer, headers: { ...answer.headers, ...(answer.replayed ? { 'idempotency-replayed': 'true' } : {}) } });
}

const hasBody = ({ headers }: IncomingMessage) => headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

async function answerOf(
  target: HookTarget,
  input: Json,
  id: string | undefined,
  req: IncomingMessage,
  res: ServerResponse,
  release: () => void,
): Promise<HookAnswer> {
  const { organizationId, respond } = target;
  const run = runOf(target, input, id);
  // who has to pass gates, or may turn out to be an earlier run, is not run here
  const accepted = target.limited && (await acceptLimitedRun(run, target.limited).catch((error) => startedBefore(error, id)));
  if (respond === 'accepted') {
    const runId = accepted?.runId ?? (await acceptRun(run).catch((error) => alreadyThere(error, id)));
    countRun('webhook');
    return acceptedAnswer(runId, accepted?.outcome);
  }
  const result = accepted
    ? { runId: accepted.runId, handedOver: true as const }
    : await runInline(run).catch((error) => ({ runId: alreadyThere(error, id), handedOver: true as const }));
  countRun('webhook');
  const step = respond === 'last' ? undefined : respond;
  if (!result.handedOver && (result.respond || !step)) return endedAnswer(result);
  const { runId } = result;
  if (result.handedOver && !(await waiting(release, () => waitForRun(organizationId, runId, patience, goneSignal(res))))) return acceptedAnswer(runId);
  return endedAnswer(await outcomeFromLog(hookContext(target, req.socket.remoteAddress ?? ''), runId, step));
}

function runOf({ organizationId, workflowId, versionId, priority }: HookTarget, input: Json, runId: string | undefined) {
  return { organizationId, workflowId, versionId, trigger: 'webhook' as const, input, priority, ...(runId ? { runId } : {}) };
}

/** The run of a request whose first process died after saving it: its id, chosen before, is taken. Any other error goes on. */
function alreadyThere(error: unknown, id: string | undefined): string {
  if (id && (error as { code?: string }).code === '23505') return id;
  throw error;
}

function startedBefore(error: unknown, id: string | undefined): Submitted {
  return { runId: alreadyThere(error, id), outcome: 'started' };
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
