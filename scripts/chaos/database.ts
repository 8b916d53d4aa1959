import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/server/processes/embedded-postgres';

/** The embedded PostgreSQL as the supervisor runs it (started again when it dies), and the suite's own look into it as the owner. */
export class Database {
  private readonly pool: pg.Pool;
  private stopping = false;
  /** ms from each death to the first accepted connection */
  readonly recoveries: number[] = [];

  private constructor(
    private readonly root: string,
    private readonly home: string,
    private server: EmbeddedPostgres,
  ) {
    this.pool = new pg.Pool({ connectionString: server.url, max: 3, application_name: 'chaos', connectionTimeoutMillis: 5_000 });
    this.pool.on('error', () => {});
    this.pool.on('connect', (client) => client.on('error', () => {}));
    this.watch(server);
  }

  static async start(root: string, home: string): Promise<Database> {
    return new Database(root, home, await startEmbeddedPostgres(root, home));
  }

  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  /** of the postmaster */
  get pid(): number {
    return this.server.pid;
  }

  private watch(server: EmbeddedPostgres): void {
    void server.exited.then(async () => {
      if (this.stopping) return;
      const died = Date.now();
      const again = await startEmbeddedPostgres(this.root, this.home);
      if (again.url !== this.server.url) throw new Error('PostgreSQL came back at another address, which the suite does not expect');
      this.server = again;
      this.recoveries.push(Date.now() - died);
      this.watch(again);
    });
  }

  /** Asks once; rejects when the database is away. */
  async ask<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(text, values)).rows;
  }

  /** Asks until the database answers, for at most a minute. */
  async query<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    const end = Date.now() + 60_000;
    for (;;) {
      try {
        return await this.ask<T>(text, values);
      } catch (error) {
        const { code = '' } = error as { code?: string };
        // a mistake in the statement does not mend itself
        if (/^(42|22)/.test(code) || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.pool.end().catch(() => {});
    await this.server.stop();
  }
}
