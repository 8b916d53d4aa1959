import { connect, createServer, type Server, type Socket } from 'node:net';

/** pass: as if it were not there · cut: every connection reset, new ones too · stall: nothing comes through, nothing is closed · slow: each way takes longer */
export type ProxyMode = 'pass' | 'cut' | 'stall' | 'slow';

interface Pair {
  client: Socket;
  server: Socket;
  /** one side has gone while the network was stalled: the other learns of it when packets flow again */
  ended: boolean;
}

/** The network between one process and the database. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private mode: ProxyMode = 'pass';
  private delayMs = 0;
  private listener: Server | undefined;
  port = 0;

  constructor(private readonly target: () => number) {}

  async listen(): Promise<void> {
    this.listener = createServer({ noDelay: true, allowHalfOpen: false }, (client) => this.accept(client));
    await new Promise<void>((resolve) => this.listener?.listen(0, '127.0.0.1', resolve));
    const address = this.listener.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
  }

  /** The ports the database sees connections of this process come from. */
  get serverSidePorts(): number[] {
    return [...this.pairs].map((p) => p.server.localPort ?? 0);
  }

  set(mode: ProxyMode, delayMs = 0): void {
    this.mode = mode;
    if (mode === 'slow') this.delayMs = delayMs;
    for (const pair of [...this.pairs]) {
      if (mode === 'cut') this.drop(pair, true);
      else if (mode === 'stall') for (const s of [pair.client, pair.server]) s.pause();
      else if (pair.ended) this.drop(pair, true);
      else for (const s of [pair.client, pair.server]) s.resume();
    }
  }

  private accept(client: Socket): void {
    client.on('error', () => {});
    if (this.mode === 'cut') return void client.resetAndDestroy();
    const server = connect({ port: this.target(), host: '127.0.0.1', noDelay: true });
    const pair: Pair = { client, server, ended: false };
    this.pairs.add(pair);
    this.forward(pair, client, server);
    this.forward(pair, server, client);
    if (this.mode === 'stall') for (const s of [client, server]) s.pause();
  }

  private forward(pair: Pair, from: Socket, to: Socket): void {
    const late: Buffer[] = [];
    const write = (chunk: Buffer) => {
      if (!to.destroyed && !to.write(chunk) && this.mode !== 'stall') from.pause();
    };
    from.on('data', (chunk: Buffer) => {
      // what was delayed before goes first, also when the delay is over
      if (this.mode !== 'slow' && late.length === 0) return write(chunk);
      late.push(chunk);
      setTimeout(() => write(late.shift() as Buffer), this.delayMs);
    });
    to.on('drain', () => {
      if (this.mode !== 'stall') from.resume();
    });
    from.on('error', () => {});
    from.on('close', () => {
      if (this.mode === 'stall') pair.ended = true;
      else this.drop(pair, false);
    });
  }

  private drop(pair: Pair, reset: boolean): void {
    this.pairs.delete(pair);
    for (const socket of [pair.client, pair.server]) {
      if (socket.destroyed) continue;
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  close(): void {
    this.listener?.close();
    this.set('cut');
  }
}
