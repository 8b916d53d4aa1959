import type { IncomingMessage, ServerResponse } from 'node:http';
import { v7 as uuid } from 'uuid';
import { contextFromApiKey } from '@/server/api-keys';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { Unauthenticated } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { decodeText, parseJson, readBody } from '../body';
import { idempotencyKey, once } from '../idempotency';
import { HttpError } from '../problem';
import type { ApiRequest, Reply, Route } from '../route';
import type { RouteTable } from '../route-table';
import { send } from '../send';

const absent = () => new HttpError(404, 'not_found', 'There is no such call.');

/** One request under /api/v1: who, may they, what, then the handler. The order keeps strangers from learning anything. */
export async function serveApi(table: RouteTable, req: IncomingMessage, res: ServerResponse, path: string, query: string, release: () => void): Promise<void> {
  const found = table.find(path);
  if (!found) throw absent();
  const route = pick(found.methods, req);
  if (route === 'options') return send(res, 204, undefined, { allow: allowed(found.methods) });
  const reauthenticate = () => authenticate(req);
  const ctx = await reauthenticate();
  authorize(ctx, route.permission);
  const key = route.method === 'POST' ? idempotencyKey(req) : undefined;
  const raw = await readBody(req, route.body?.limit ?? 64 * 1024);
  const request: Omit<ApiRequest<unknown, unknown>, 'newId'> = {
    ctx,
    params: found.params,
    query: parseQuery(route, query),
    body: parseBody(route, raw),
    req,
    res,
    release,
    signal: goneSignal(res),
    reauthenticate,
  };
  if (!key) return answer(res, await route.handle({ ...request, newId: uuid() }));
  const result = await once(ctx.organizationId, `POST ${path}`, key, [query, raw], async (newId) => {
    const reply = await route.handle({ ...request, newId });
    if (reply === 'streamed') throw new Error('a POST cannot stream');
    return { status: reply.status, headers: reply.headers ?? {}, body: bodyOf(reply) ?? '' };
  });
  send(res, result.status, result.body, { ...result.headers, ...(result.replayed ? { 'idempotency-replayed': 'true' } : {}) });
}

function pick(methods: Map<string, Route>, req: IncomingMessage): Route | 'options' {
  const method = req.method === 'HEAD' ? 'GET' : (req.method ?? 'GET');
  if (method === 'OPTIONS') return 'options';
  const route = methods.get(method);
  if (!route) throw new HttpError(405, 'method_not_allowed', `This address does not take ${req.method}.`, { allow: allowed(methods) });
  return route;
}

function allowed(methods: Map<string, Route>): string {
  const names = [...methods.keys()];
  return [...names, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function authenticate(req: IncomingMessage): Promise<Context> {
  const given = req.headers.authorization;
  const key = given && /^Bearer +(\S+) *$/i.exec(given)?.[1];
  if (!key) return Promise.reject(new Unauthenticated('Send an API key: Authorization: Bearer hdl_live_…'));
  return contextFromApiKey(key, req.socket.remoteAddress ?? '');
}

function parseQuery(route: Route, query: string): unknown {
  const given: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) {
    if (name in given) throw new HttpError(400, 'malformed', `The parameter ${name} is given twice.`);
    if (value.includes('\0')) throw new HttpError(400, 'malformed', `The parameter ${name} has a NUL character.`);
    given[name] = value;
  }
  if (route.query) return parseInput(route.query, { ...given });
  const first = Object.keys(given)[0];
  if (first !== undefined) throw new HttpError(400, 'malformed', `There is no parameter ${first.slice(0, 40)}.`);
  return undefined;
}

function parseBody(route: Route, raw: Buffer): unknown {
  if (!route.body) return undefined;
  if (raw.length === 0) {
    if (!route.body.optional) throw new HttpError(400, 'malformed_json', 'The body is missing: send JSON.');
    return parseInput(route.body.schema, {});
  }
  return parseInput(route.body.schema, parseJson(decodeText(raw)));
}

/** Aborts when the connection closes before the answer is complete. */
function goneSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) controller.abort();
  });
  return controller.signal;
}

function bodyOf(reply: Exclude<Reply, 'streamed'>): string | undefined {
  return reply.text ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
}

function answer(res: ServerResponse, reply: Reply): void {
  if (reply !== 'streamed') send(res, reply.status, bodyOf(reply), reply.headers);
}
