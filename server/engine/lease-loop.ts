import { isSerialization } from '@/server/lib/database-errors';
import { enginePool } from '@/server/queue/engine-pool';
import type { Lease } from './lease';
import type { Seat } from './seat';

export interface LeaseHolder {
  /** how many more runs fit in, the places kept for small tenants among them */
  free(): number;
  /** that many of all places are for organizations with few runs running */
  spare: number;
  begin(lease: Lease): void;
  lost(error: Error): void;
}

interface Parked {
  id: string;
  fence: number;
  /** absent: until mail comes */
  until: number | undefined;
}

/** runs that died once start one after the other, so that their logs tell which one killed the process */
const STAGGER_MS = 25;
const STAGGER_STEPS = 20;
const STARVED_MS = 25;
const STARVED_LONGEST_MS = 1_000;

/** Fetches runs and settles them, both in batches, one round trip at a time; sleeps while there is nothing to do. */
export class LeaseLoop {
  private done: { id: string; fence: number }[] = [];
  private parked: Parked[] = [];
  private quarantined: { id: string; fence: number }[] = [];
  private readonly tenants = new Set<string>();
  private hinted = true;
  private suspects = 0;
  private nextSuspects: NodeJS.Timeout | undefined;
  private stopping = false;
  private wake: () => void = () => {};
  private looped: Promise<void> | undefined;
  private starved: NodeJS.Timeout | undefined;
  private patience = STARVED_MS;
  cycles = 0;

  constructor(
    private readonly seat: Seat,
    private readonly holder: LeaseHolder,
  ) {}

  start(): void {
    this.looped = this.loop();
  }

  /** There may be ready runs; of this organization when named. */
  poke(organizationId?: string): void {
    if (organizationId) this.tenants.add(organizationId);
    this.hinted = true;
    this.wake();
  }

  /** There are this many runs without a worker that this process may have. */
  takeSuspects(n: number): void {
    if (this.nextSuspects) return;
    this.suspects = n;
    this.wake();
  }

  /** The run has ended. */
  settle({ id, fence }: Lease): void {
    this.done.push({ id, fence });
    this.wake();
  }

  /** The run sleeps until a time, or until mail comes. */
  park({ id, fence }: Lease, until: number | undefined): void {
    this.parked.push({ id, fence, until });
    this.wake();
  }

  /** The run belongs into quarantine, not into this process. */
  quarantine({ id, fence }: Lease): void {
    this.quarantined.push({ id, fence });
    this.wake();
  }

  private async loop(): Promise<void> {
    try {
      while (!this.stopping) {
        const room = this.holder.free() > 0;
        const work = this.done.length > 0 || this.parked.length > 0 || this.quarantined.length > 0 || (room && (this.suspects > 0 || this.hinted));
        if (!work)
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        else await this.turn();
      }
    } catch (error) {
      if (!this.stopping) this.holder.lost(error as Error);
    }
  }

  private async turn(): Promise<void> {
    await this.letGo();
    if (this.suspects > 0 && this.holder.free() > 0) await this.turnToSuspects();
    const free = this.holder.free();
    const asks = this.seat.kind === 'worker' && this.hinted && free > 0;
    if (free > 0) this.hinted = false;
    if (this.done.length === 0 && !asks) return;
    // whoever settles may as well fetch
    const leases = await this.cycle(this.seat.kind === 'worker' ? free : 0);
    if (leases.length > 0) {
      this.hinted = true;
      this.patience = STARVED_MS;
    } else if (asks) this.askAgain();
    for (const lease of leases) this.holder.begin(lease);
  }

  private async turnToSuspects(): Promise<void> {
    const waiting = this.suspects;
    this.suspects = 0;
    const batch = this.seat.kind === 'together' ? Math.ceil(waiting / STAGGER_STEPS) : this.holder.free();
    const leases = await this.leaseSuspects(Math.min(batch, this.holder.free()));
    if (this.seat.kind === 'together' && leases.length > 0 && !this.stopping) {
      this.nextSuspects = setTimeout(() => {
        this.nextSuspects = undefined;
        this.takeSuspects(waiting);
      }, STAGGER_MS);
    }
    for (const lease of leases) this.holder.begin(lease);
  }

  /** The cycle had room and brought nothing: either there is nothing, or a peer (or its last transaction, if it died) held the tenants for that moment. */
  private askAgain(): void {
    if (this.starved || this.stopping) return;
    this.starved = setTimeout(async () => {
      const backlog = await enginePool()
        .query<{ n: boolean }>({ name: 'backlog', text: 'SELECT rq_backlog() AS n' })
        .catch(() => undefined);
      this.starved = undefined;
      if (!backlog?.rows[0]?.n) this.patience = STARVED_MS;
      else {
        this.patience = Math.min(this.patience * 2, STARVED_LONGEST_MS);
        this.poke();
      }
    }, this.patience);
  }

  private async cycle(n: number): Promise<Lease[]> {
    const done = this.done;
    const tenants = [...this.tenants];
    this.done = [];
    this.tenants.clear();
    this.cycles++;
    try {
      const { rows } = await this.seat.connection.query<Lease>({
        name: 'cycle',
        text: 'SELECT * FROM rq_cycle($1, $2, $3, $4, $5, $6)',
        values: [this.seat.id, n, done.map((d) => d.id), done.map((d) => d.fence), tenants, this.holder.spare],
      });
      return rows;
    } catch (error) {
      if (!isSerialization(error)) throw error;
      this.done.push(...done);
      for (const tenant of tenants) this.tenants.add(tenant);
      this.hinted = true;
      return [];
    }
  }

  private async leaseSuspects(n: number): Promise<Lease[]> {
    const { rows } = await this.seat.connection.query<Lease>({ name: 'suspects', text: 'SELECT * FROM rq_lease_suspects($1, $2)', values: [this.seat.id, n] });
    return rows;
  }

  private async letGo(): Promise<void> {
    const id = this.seat.id;
    if (this.parked.length > 0) {
      const parked = this.parked;
      this.parked = [];
      const values = [id, parked.map((p) => p.id), parked.map((p) => p.fence), parked.map((p) => p.until ?? null)];
      await this.again(() => this.seat.connection.query({ name: 'park', text: 'SELECT rq_park($1, $2, $3, $4)', values }));
    }
    if (this.quarantined.length > 0) {
      const held = this.quarantined;
      this.quarantined = [];
      const values = [id, held.map((q) => q.id), held.map((q) => q.fence)];
      await this.again(() => this.seat.connection.query({ name: 'quarantine', text: 'SELECT rq_quarantine($1, $2, $3)', values }));
    }
  }

  private async again(query: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await query();
        return;
      } catch (error) {
        if (!isSerialization(error)) throw error;
      }
    }
  }

  /** Ends the loop and settles what has ended meanwhile; leases that are left stay with the seat. */
  async stop(settle: () => Promise<unknown>): Promise<void> {
    this.stopping = true;
    clearTimeout(this.starved);
    clearTimeout(this.nextSuspects);
    this.wake();
    await this.looped;
    await settle();
    await this.letGo();
    if (this.done.length > 0) await this.cycle(0);
  }
}
