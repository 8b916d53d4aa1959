import type { IncomingMessage, ServerResponse } from 'node:http';
import { callbackTarget, receiveCallback } from '@/server/signals';
import { megabyte, readBody } from '../body';
import { HttpError } from '../problem';
import { send } from '../send';
import { requestParts } from './hook-input';

const bodyLimit = megabyte;
const methods = new Set(['POST', 'PUT', 'GET']);
const allow = 'POST, PUT, GET, OPTIONS';

/** One call of `/callbacks/{token}/{step}`: the answer that a step of a run waits for. */
export async function serveCallback(req: IncomingMessage, res: ServerResponse, path: string, query: string): Promise<void> {
  const [token = '', step = '', ...rest] = path.slice('/callbacks/'.length).split('/');
  if (rest.length > 0) throw new HttpError(404, 'not_found', 'A callback of this address does not exist.');
  const method = req.method ?? 'GET';
  if (method === 'OPTIONS') return send(res, 204, undefined, { allow });
  if (!methods.has(method)) throw new HttpError(405, 'method_not_allowed', `A callback does not take ${method}.`, { allow });
  callbackTarget(token);
  const raw = await readBody(req, bodyLimit);
  const parts = requestParts(req, query, raw);
  const { i: at, ...parameters } = parts.query;
  await receiveCallback(token, decodeStep(step), at === undefined ? undefined : String(at), { method, ...parts, query: parameters });
  send(res, 202, '{"accepted":true}');
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return '';
  }
}
