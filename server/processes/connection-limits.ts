import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** connections at once */
  connections?: number;
  /** connections at once from one address; `uncapped` addresses have no such bound */
  perAddress?: number;
  uncapped?: (address: string) => boolean;
  /** milliseconds in which a client must take something of what is pending for it */
  stallMs?: number;
  /** bytes pending for all clients together */
  unsentBytes?: number;
  /** milliseconds between two looks at the connections */
  everyMs?: number;
}

interface Connection {
  /** answers begun and not finished; those not yet on the socket keep their bytes themselves */
  answers: Set<ServerResponse>;
  /** bytes the operating system has taken, when last looked at */
  taken: number;
  pendingSince?: number;
  movedAt: number;
}

/** What a socket's handle tells: `net.Socket` shows only what was written into it, not what of a large write the system has taken so far. */
type Counting = { _handle?: { bytesWritten?: number; writeQueueSize?: number } | null };

const isLoopback = (address: string) => address === '::1' || /^(::ffff:)?127\./.test(address);

/**
 * Bounds what connections may hold: how many there are, how many from one address (proxies on this machine excepted), and what is unsent.
 * A client that takes nothing of its answer for a while is cut off, as are those pending longest when too much is unsent in all. Connections
 * with nothing pending (idle ones, quiet event streams) are left alone. One timer looks at all of them; a request costs a set entry.
 */
export function limitConnections(server: Server, limits: ConnectionLimits = {}): void {
  const { connections = 10_000, perAddress = 2_000, uncapped = isLoopback, stallMs = 30_000, unsentBytes = 256 * 1024 * 1024, everyMs = 1_000 } = limits;
  const open = new Map<Socket, Connection>();
  const byAddress = new Map<string, number>();
  server.maxConnections = connections;

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address !== undefined && !uncapped(address)) {
      const count = byAddress.get(address) ?? 0;
      if (count >= perAddress) return void socket.destroy();
      byAddress.set(address, count + 1);
      socket.once('close', () => {
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left > 0) byAddress.set(address, left);
        else byAddress.delete(address);
      });
    }
    open.set(socket, { answers: new Set(), taken: 0, movedAt: 0 });
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (req, res: ServerResponse) => {
    const connection = open.get(req.socket);
    if (!connection) return;
    connection.answers.add(res);
    res.once('close', () => connection.answers.delete(res));
  });

  const timer = setInterval(() => cutOff(open, stallMs, unsentBytes), everyMs).unref();
  server.once('close', () => clearInterval(timer));
}

function cutOff(open: Map<Socket, Connection>, stallMs: number, unsentBytes: number): void {
  const now = performance.now();
  const pending: { socket: Socket; since: number; bytes: number }[] = [];
  let total = 0;
  for (const [socket, connection] of open) {
    const bytes = pendingBytes(socket, connection);
    if (socket.writableLength === 0) {
      connection.pendingSince = undefined; // what waits in answers behind the current one is not the client's delay
    } else {
      const taken = takenBytes(socket);
      if (connection.pendingSince === undefined || taken !== connection.taken) connection.movedAt = now;
      connection.pendingSince ??= now;
      connection.taken = taken;
      if (now - connection.movedAt >= stallMs) {
        socket.destroy();
        continue;
      }
    }
    if (bytes === 0) continue;
    total += bytes;
    pending.push({ socket, since: connection.pendingSince ?? now, bytes });
  }
  if (total <= unsentBytes) return;
  pending.sort((a, b) => a.since - b.since);
  for (const { socket, bytes } of pending) {
    if (total <= unsentBytes) return;
    socket.destroy();
    total -= bytes;
  }
}

function pendingBytes(socket: Socket, { answers }: Connection): number {
  let bytes = socket.writableLength;
  for (const res of answers) if (res.socket !== socket) bytes += res.writableLength;
  return bytes;
}

function takenBytes(socket: Socket): number {
  const handle = (socket as unknown as Counting)._handle;
  return (handle?.bytesWritten ?? socket.bytesWritten) - (handle?.writeQueueSize ?? socket.writableLength);
}
