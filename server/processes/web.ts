import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import next from 'next';
import { addressHeader } from '@/server/auth';
import { closeDatabase } from '@/server/db/client';
import { env, resetEnv } from '@/server/env';
import { limitBody } from '@/server/http/limit-body';
import { closeMachineTraffic, createHttpRouter } from '@/server/http/router';
import { logger } from '@/server/lib/logger';
import { limitConnections } from './connection-limits';
import { projectRoot } from './project-root';
import { type Serving, serveProcess } from './serve-process';
import { createStaticFiles } from './static-files';

/** The web process: one port for machine traffic (our router) and people's traffic (Next). */
async function startWeb(): Promise<Serving> {
  const { HOST, PORT } = env();
  const dev = process.argv.includes('--dev');
  const dir = projectRoot();
  // a client's slow headers or body must not hold a connection for ever, an idle one not longer than a proxy's own patience
  const timeouts = { keepAliveTimeout: 65_000, headersTimeout: 15_000, requestTimeout: 120_000, connectionsCheckingInterval: 5_000 };
  const server = createServer({ ...timeouts, maxHeaderSize: 16_384 });
  limitConnections(server);
  server.maxRequestsPerSocket = 0;
  if (!dev) applyBuiltConfig(dir);
  // Next hangs an upgrade listener on the server it is given; ours decides, so it gets one that never listens
  const forNext = createServer();
  const app = next({ dev, dir, hostname: HOST, port: PORT, httpServer: forNext, quiet: !dev });
  await app.prepare();
  const people = app.getRequestHandler();
  const machine = createHttpRouter({ root: dir });
  const files = dev ? undefined : createStaticFiles(`${dir}/.next/static`);

  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    // who calls, as the socket says it: limits and the audit log read this, whatever a client sent under the name
    req.headers[addressHeader] = req.socket.remoteAddress ?? '';
    if (machine(req, res)) return;
    if (files?.(req, res)) return;
    const forPeople = async () => {
      if (await limitBody(req, res)) await people(req, res);
    };
    forPeople().catch((error: unknown) => {
      if (res.writableEnded) return; // answered: its body was too large
      logger.error({ process: 'web', err: error, url: req.url }, 'request failed');
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'text/plain' });
      res.end('Internal error');
    });
  };
  server.on('request', handle);
  // Next's own sockets in development; everything else is nobody's and destroyed
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    if (dev && req.url?.startsWith('/_next/')) forNext.emit('upgrade', req, socket, head);
    else socket.destroy();
  });
  await listen(server, PORT, HOST);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : PORT;

  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    // what streams without end (server-sent events) is cut after a while; the rest finishes
    const cut = setTimeout(() => server.closeAllConnections(), 3_000);
    await closed;
    clearTimeout(cut);
    await app.close().catch(() => {});
    await closeMachineTraffic();
    await closeDatabase();
  };
  return { port, stop };
}

/** Gives Next the configuration it was built with, as its standalone output does: it need not load a compiler to read next.config.ts. */
function applyBuiltConfig(dir: string): void {
  const { config } = JSON.parse(readFileSync(join(dir, '.next/required-server-files.json'), 'utf8')) as { config: unknown };
  resetEnv({ __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(config) });
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} on ${host} is taken by another program. Choose another: PORT=${port + 1}`) : error);
    });
    server.listen(port, host, 1024, resolve);
  });
}

void serveProcess('web', startWeb);
