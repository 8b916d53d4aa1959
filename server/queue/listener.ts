import type { Client } from 'pg';
import { engineConnection } from './engine-pool';

/**
 * LISTEN on one connection that reconnects by itself. Notifications sent while it was away are lost, so `onReconnect` tells the owner to look again:
 * a notification only ever wakes, the tables are the truth.
 */
export class Listener {
  private client: Client | undefined;
  private closed = false;
  private retry: NodeJS.Timeout | undefined;
  private ready: Promise<void> | undefined;
  constructor(
    private readonly name: string,
    private readonly handlers: Record<string, (payload: string) => void>,
    private readonly onReconnect: () => void = () => {},
  ) {}

  /** Connects; later calls return the same promise. */
  start(): Promise<void> {
    this.ready ??= this.connect();
    return this.ready;
  }

  private async connect(): Promise<void> {
    const client = engineConnection(this.name);
    client.on('notification', (message) => this.handlers[message.channel]?.(message.payload ?? ''));
    const lost = () => {
      if (this.client === client) this.client = undefined;
      client.end().catch(() => {});
      this.reconnectLater();
    };
    client.once('error', lost);
    client.once('end', lost);
    await client.connect();
    await client.query(
      Object.keys(this.handlers)
        .map((channel) => `LISTEN ${channel}`)
        .join('; '),
    );
    this.client = client;
  }

  private reconnectLater(): void {
    if (this.closed || this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      if (this.closed) return;
      this.connect().then(
        () => this.onReconnect(),
        () => this.reconnectLater(),
      );
    }, 250);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => {});
  }
}
