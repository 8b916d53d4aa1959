import type { ServerResponse } from 'node:http';
import type { Problem } from './problem';

const api = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
};

/** Sends a whole answer. Does nothing when the client has gone. A body that is a string is sent as it is. */
export function send(res: ServerResponse, status: number, body: string | undefined, headers: Record<string, string> = {}): void {
  if (res.headersSent || res.destroyed) return;
  if (body === undefined) {
    res.writeHead(status, { ...api, ...headers }).end();
    return;
  }
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...api, ...headers, 'content-length': String(Buffer.byteLength(body)) });
  res.end(body); // Node drops the body of an answer to HEAD and keeps its length
}

/** Sends a problem document. */
export function sendProblem(res: ServerResponse, problem: Problem, headers: Record<string, string> = {}): void {
  send(res, problem.status, JSON.stringify(problem), { ...headers, 'content-type': 'application/problem+json; charset=utf-8' });
}
