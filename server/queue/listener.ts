import type { Client } from 'pg';
import { engineConnection } from './engine-pool';

const RETRY_MS = 250;
/** how long close() waits for a goodbye */
const GOODBYE_MS = 1_000;

/**
 * LISTEN on one connection that reconnects by itself. Notifications sent while it was away are lost, so `onReconnect` tells the owner to look again:
 * a notification only ever wakes, the tables are the truth.
 */
export class Listener {
  /** connected or connecting */
  private client: Client | undefined;
  /** of the connection that stands or is being made; none while there is neither */
  private ready: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private missed = false;
  private closed = false;
  constructor(
    private readonly name: string,
    private readonly handlers: Record<string, (payload: string) => void>,
    private readonly onReconnect: () => void = () => {},
  ) {}

  /** Resolves when a commit from now on is heard. Rejects when the attempt fails; further attempts follow by themselves, and a later call sees theirs. */
  start(): Promise<void> {
    if (this.closed) return Promise.reject(new Error(`the ${this.name} is closed`));
    this.ready ??= this.connect();
    return this.ready;
  }

  private async connect(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    const client = engineConnection(this.name);
    this.client = client;
    client.on('notification', (message) => this.handlers[message.channel]?.(message.payload ?? ''));
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    // a client that is ended while it connects never settles its connect()
    const cut = new Promise<never>((_, reject) => client.once('end', () => reject(new Error(`the ${this.name} was closed or cut off while it connected`))));
    try {
      await Promise.race([cut, this.listen(client)]);
    } catch (error) {
      this.lost(client);
      throw error;
    }
    if (!this.missed || this.closed) return;
    this.missed = false;
    this.onReconnect();
  }

  private async listen(client: Client): Promise<void> {
    await client.connect();
    await client.query(
      Object.keys(this.handlers)
        .map((channel) => `LISTEN ${channel}`)
        .join('; '),
    );
  }

  private lost(client: Client): void {
    if (this.client === client) {
      this.client = undefined;
      this.ready = undefined;
      this.missed = true;
      if (!this.closed) this.retry = setTimeout(() => this.start().catch(() => {}), RETRY_MS);
    }
    client.end().catch(() => {});
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    // a server that does not answer must not hold up a shutdown
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([client.end().catch(() => {}), patience]);
    clearTimeout(timer);
  }
}
