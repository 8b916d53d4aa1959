import { isSerialization } from '@/server/lib/database-errors';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import type { LeaseLoop } from './lease-loop';
import type { Seat } from './seat';

export interface SweeperHost {
  /** reads the mail of the runs in this process, in case a notification was missed */
  readMail(): Promise<void>;
  /** suspects wait for a quarantine process of this kind, and its place is reserved */
  openQuarantine(kind: 'together' | 'alone', seat: number): void;
  /** whether runs are in this process */
  busy(): boolean;
  /** a quarantine process has had nothing to do for a while */
  idle(): void;
}

interface Look {
  due: boolean;
  dead: boolean;
  backlog: boolean;
  orphans: number;
  together: number;
  alone: number;
  poisonous: string[];
}

const TICK_MS = 200;
const SWEEP_EVERY = 5;
const RECONCILE_EVERY = 300;
/** sleeping runs woken by one transaction */
const WAKE = 500;
/** a tick that comes later than this means that this process, its machine or the database stood still; others may have too */
const GAP_MS = 5_000;
const STEADY_MS = 30_000;
const IDLE_MS = 30_000;

/** What no notification tells, several times a second in one read: timers that are due, peers that died, runs without a worker. Acts in transactions of their own. */
export class Sweeper {
  /** versions of which several runs were convicted within the last minutes */
  private poisonous: ReadonlySet<string> = new Set();
  private ticks = SWEEP_EVERY - 1;
  /** looks in a row that found organizations with runs to lease */
  private backlog = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private lastTick = Date.now();
  private steadySince = Date.now();
  private idleSince = Date.now();
  private ticking: Promise<void> | undefined;

  constructor(
    private readonly seat: Seat,
    private readonly loop: LeaseLoop,
    private readonly host: SweeperHost,
  ) {}

  /** The first look is done when this resolves: what became ready while nobody listened. */
  async start(): Promise<void> {
    await this.tick();
    this.tickLater();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Looks at once: a quarantine process of ours ended. */
  now(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    void (this.ticking ?? this.tick()).finally(() => this.tickLater());
  }

  private tickLater(): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.tick().finally(() => this.tickLater()), TICK_MS);
  }

  private tick(): Promise<void> {
    this.ticking ??= this.sweep().finally(() => {
      this.ticking = undefined;
    });
    return this.ticking;
  }

  private async sweep(): Promise<void> {
    try {
      if (this.seat.kind === 'worker') await this.sweepAll();
      else await this.sweepQuarantine(this.seat.kind);
    } catch (error) {
      if (!isSerialization(error) && !this.stopped) logger.warn({ err: error }, 'the queue could not be swept');
    }
  }

  private async sweepAll(): Promise<void> {
    const steady = this.steady();
    let look = await this.look(steady);
    for (let woken = look.due ? WAKE : 0; woken >= WAKE; ) {
      woken = await ask(`rq_wake(${WAKE})`);
      if (woken > 0) this.loop.poke();
    }
    if (look.dead && (await ask('rq_reap($1, $2)', [this.seat.id, steady])) > 0) look = await this.look(steady);
    this.know(look.poisonous);
    // should a wake-up ever be lost, here it is found
    this.backlog = look.backlog ? this.backlog + 1 : 0;
    if (this.backlog >= SWEEP_EVERY) {
      this.backlog = 0;
      this.loop.poke();
    }
    if (look.orphans > 0) this.loop.takeSuspects(look.orphans);
    for (const kind of ['together', 'alone'] as const) {
      if (look[kind] === 0) continue;
      const seat = await ask('rq_reserve($1, $2)', [kind, this.seat.id]);
      if (seat > 0) this.host.openQuarantine(kind, seat);
    }
    if (++this.ticks % SWEEP_EVERY === 0) {
      const found = (await ask('rq_discover()')) + (await ask('rq_wake_for_inbox()'));
      // leases without a worker's row
      await ask('rq_reap($1, $2)', [this.seat.id, steady]);
      await this.host.readMail();
      if (found > 0) this.loop.poke();
    }
    if (this.ticks % RECONCILE_EVERY === 0) await ask('rq_reconcile()');
  }

  private async sweepQuarantine(kind: 'together' | 'alone'): Promise<void> {
    const look = await this.look(false);
    if (kind === 'together') this.know(look.poisonous);
    if (look[kind] > 0) this.loop.takeSuspects(look[kind]);
    if (look[kind] > 0 || this.host.busy()) this.idleSince = Date.now();
    if (Date.now() - this.idleSince > IDLE_MS) this.host.idle();
    if (++this.ticks % SWEEP_EVERY === 0) await this.host.readMail();
  }

  private async look(steady: boolean): Promise<Look> {
    const { rows } = await enginePool().query<Look>({ name: 'look', text: 'SELECT * FROM rq_look($1, $2)', values: [this.seat.id, steady] });
    if (!rows[0]) throw new Error('rq_look said nothing');
    return rows[0];
  }

  /** Whether runs of this version belong into quarantine. */
  isPoisonous(versionId: string): boolean {
    return this.poisonous.has(versionId);
  }

  private know(poisonous: string[]): void {
    this.poisonous = new Set(poisonous);
  }

  /** Whether this process has looked regularly for a while. After a suspended machine or a database that hung, all beats are old and nobody is dead. */
  private steady(): boolean {
    const now = Date.now();
    if (Math.abs(now - this.lastTick) > GAP_MS) this.steadySince = now;
    this.lastTick = now;
    return now - this.steadySince > STEADY_MS;
  }
}

async function ask(call: string, values: unknown[] = []): Promise<number> {
  const { rows } = await enginePool().query<{ n: number | boolean | null }>({ name: call, text: `SELECT ${call} AS n`, values });
  return Number(rows[0]?.n ?? 0);
}
