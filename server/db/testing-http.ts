import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Role } from '@/core/permissions';
import { createApiKey } from '@/server/api-keys';
import { closeMachineTraffic, createHttpRouter, type RouterOptions } from '@/server/http/router';
import type { TestTenant } from './testing';

export interface CallOptions {
  key?: string;
  /** sent as JSON; a string as it is */
  body?: unknown;
  headers?: Record<string, string>;
}
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  json: any;
}
type Headers = { get(name: string): string | null };

export interface TestServer {
  url: string;
  call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  close: () => Promise<void>;
}

/** A real node:http server with the machine router on a free port; what the router does not take answers 418. */
export async function serveHttp(options: RouterOptions = {}): Promise<TestServer> {
  const router = createHttpRouter(options);
  const server = createServer((req, res) => {
    if (!router(req, res)) res.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    call: async (method, path, { key, body, headers = {} } = {}) => {
      // biome-ignore lint/style/noRestrictedGlobals: a test calls its own server
      const response = await fetch(path.startsWith('http') ? path : url + path, {
        method,
        redirect: 'manual',
        headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, text, json: isJson && text ? JSON.parse(text) : undefined };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeMachineTraffic();
    },
  };
}

/** An API key of a tenant with a role. */
export async function keyOf(tenant: TestTenant, role: Role = 'owner'): Promise<string> {
  return (await createApiKey(tenant.ctx, { name: `test ${role}`, role })).key;
}
