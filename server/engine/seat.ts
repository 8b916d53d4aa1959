import type pg from 'pg';
import { engineConnection, enginePool, hotPathSettings } from '@/server/queue/engine-pool';

/**
 * How a process takes part: `worker` takes ready runs. The others are quarantine processes for runs whose worker died: `together` takes those that died once,
 * `alone` one at a time those that died again.
 */
export type WorkerKind = 'worker' | 'together' | 'alone';

const BEAT_MS = 5_000;
/** peers take over after 30 s without a beat: a process that cannot reach the database lets go before */
const SILENCE_MS = 20_000;
const EXCUSE_MS = 10_000;
const EXCUSE_AGAIN_MS = 250;

/**
 * A worker's place among its peers: a row, a session advisory lock that PostgreSQL frees when the process dies, and a beat for the case that it lives but
 * does nothing. `connection` is the session that holds the lock; when it is gone, so are the leases.
 */
export class Seat {
  id = 0;
  readonly connection: pg.Client;
  private timer: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(
    readonly kind: WorkerKind,
    private readonly onLost: (error: Error) => void,
  ) {
    this.connection = engineConnection('worker', hotPathSettings);
    this.connection.on('error', (error) => this.lose(error));
    this.connection.on('end', () => this.lose(new Error('the queue connection ended')));
  }

  /** Connects and registers; `reserved` is the place that a worker keeps for this quarantine process. */
  async take(reserved?: number): Promise<void> {
    await this.connection.connect();
    const { rows } = await this.connection.query<{ id: number }>('SELECT rq_register($1, $2) AS id', [this.kind, reserved ?? null]);
    this.id = rows[0]?.id ?? 0;
    this.beatLater();
  }

  private beatLater(): void {
    this.timer = setTimeout(() => void this.beat(), BEAT_MS);
    this.timer.unref();
  }

  private async beat(): Promise<void> {
    const silence = setTimeout(() => this.lose(new Error(`the database did not answer for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
    silence.unref();
    try {
      const { rows } = await this.connection.query<{ seated: boolean }>({ name: 'beat', text: 'SELECT rq_beat($1) AS seated', values: [this.id] });
      if (rows[0]?.seated) this.beatLater();
      else this.lose(new Error('a peer took this worker for dead and has its runs'));
    } catch (error) {
      this.lose(error as Error);
    } finally {
      clearTimeout(silence);
    }
  }

  private lose(error: Error): void {
    if (!this.closing) this.onLost(error);
  }

  /** Hands back what is still leased, so that nobody is blamed, and gives up the place. */
  async leave(): Promise<void> {
    this.closing = true;
    clearTimeout(this.timer);
    const text = 'SELECT rq_leave($1)';
    const again = () => enginePool().query(text, [this.id]);
    await this.connection
      .query(text, [this.id])
      .catch(again)
      .catch(() => {});
    await this.connection.end().catch(() => {});
  }

  /** The lock is lost though the process lives: says so for as long as anybody could care, so that none of its runs is blamed for it. */
  async excuse(): Promise<void> {
    this.closing = true;
    clearTimeout(this.timer);
    const deadline = Date.now() + EXCUSE_MS;
    while (Date.now() < deadline) {
      const patience = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), deadline - Date.now()).unref());
      const saying = enginePool().query('SELECT rq_excuse($1)', [this.id]);
      const failed = saying.then(() => false).catch(() => true);
      if ((await Promise.race([failed, patience])) !== true) return;
      await new Promise((resolve) => setTimeout(resolve, EXCUSE_AGAIN_MS));
    }
  }
}
