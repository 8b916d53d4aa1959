// Plain Node 20: is the port of the web server free? Asked before anything heavy (install, build, database).
import { createServer } from 'node:net';

/** Throws an Error that names the port when something else listens there. Port 0 means any. */
export async function ensurePortFree(port, host) {
  if (!Number.isInteger(port) || port === 0) return;
  await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new Error(portMessage(error, port, host))));
    probe.listen(port, host, () => probe.close(resolve));
  });
}

function portMessage(error, port, host) {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start`;
  if (error.code === 'EACCES') return `Port ${port} may not be used by this user (ports below 1024 need a privilege). Choose another: PORT=3000 npm start`;
  if (error.code === 'EADDRNOTAVAIL')
    return `HOST=${host} is not an address of this machine. 127.0.0.1 (this machine only) and 0.0.0.0 (every network) always are.`;
  return `Port ${port} on ${host} cannot be used: ${error.message}`;
}

/** PORT and HOST as contract.md has them; a malformed PORT is left to server/env.ts, which words it. */
export function givenAddress(env = process.env) {
  return { port: Number(env.PORT || 3000), host: env.HOST || '127.0.0.1' };
}
