import type { Readable } from 'node:stream';
import { Agent } from 'undici';

export interface OperatorAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** has to be read or destroyed */
  body: Readable;
}

/** Sends requests to an address that the operator of this installation configured; private networks are his business. */
export interface OperatorClient {
  send(request: { method: string; url: URL; headers: Record<string, string>; body?: Uint8Array | string; signal?: AbortSignal }): Promise<OperatorAnswer>;
  close(): Promise<void>;
}

/** A client for addresses of the operator's environment (a blob store). Never give it an address that came from a tenant. Redirects are not followed. */
export function createOperatorClient(): OperatorClient {
  const agent = new Agent({
    connect: { timeout: 10_000 },
    connections: 32,
    keepAliveTimeout: 10_000,
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
    allowH2: false,
  });
  return {
    async send({ method, url, headers, body, signal }) {
      const answer = await agent.request({ origin: url.origin, path: url.pathname + url.search, method: method as 'GET', headers, body: body ?? null, signal });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    close: () => agent.destroy(),
  };
}
