import { circuitPolicy } from './policy';

/** What was counted in one stretch of 3 s. */
interface Bucket {
  slot: number;
  calls: number;
  failures: number;
}

/** The calls of a process to one target that the database does not know of yet: at most those of the last 30 s. */
export class CallCounts {
  private buckets: Bucket[] = [];
  error: string | undefined;
  /** until then (monotonic ms) what is counted is told, since the target fails */
  watchedUntil = 0;

  constructor(
    readonly organizationId: string,
    readonly target: string,
  ) {}

  add(failed: boolean, now: number): void {
    const slot = Math.floor(now / circuitPolicy.bucketMs);
    let last = this.buckets.at(-1);
    if (last?.slot !== slot) {
      last = { slot, calls: 0, failures: 0 };
      this.buckets.push(last);
      this.forget(slot);
    }
    last.calls++;
    if (failed) last.failures++;
  }

  private forget(slot: number): void {
    const slots = circuitPolicy.windowMs / circuitPolicy.bucketMs;
    while ((this.buckets[0]?.slot ?? slot) <= slot - slots) this.buckets.shift();
  }

  get empty(): boolean {
    return this.buckets.length === 0;
  }

  /** Takes out what was counted, by age in buckets. */
  take(now: number): { age: number; calls: number; failures: number }[] {
    const slot = Math.floor(now / circuitPolicy.bucketMs);
    this.forget(slot);
    return this.buckets.splice(0).map(({ slot: at, calls, failures }) => ({ age: slot - at, calls, failures }));
  }

  clear(): void {
    this.buckets = [];
    this.error = undefined;
  }
}
