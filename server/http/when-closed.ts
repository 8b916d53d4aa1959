import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const openBySocket = new WeakMap<Socket, Set<() => void>>();

/**
 * Resolves when the answer has been handed to the network or its connection is gone. An answer queued behind another on the same connection
 * (pipelining) never emits `close` when that connection breaks, so the connection is watched too, by one listener however many answers it has.
 */
export function whenClosed(req: IncomingMessage, res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (req.socket.destroyed) return resolve();
    const open = openBySocket.get(req.socket) ?? watchSocket(req.socket);
    open.add(resolve);
    res.once('close', () => {
      open.delete(resolve);
      resolve();
    });
  });
}

function watchSocket(socket: Socket): Set<() => void> {
  const open = new Set<() => void>();
  openBySocket.set(socket, open);
  socket.once('close', () => {
    for (const resolve of open) resolve();
    open.clear();
  });
  return open;
}
