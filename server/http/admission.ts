/**
 * Bounds what is worked on at once, so that overload answers 429 at once instead of growing queues until nothing is answered.
 * Waiting requests (`?wait=`, event streams) have a bound of their own: they cost memory, not work.
 */
export class Admission {
  private current = 0;
  constructor(private readonly limit: number) {}

  /** Takes a place; false when all are taken. */
  enter(): boolean {
    if (this.current >= this.limit) return false;
    this.current++;
    return true;
  }

  leave(): void {
    this.current--;
  }

  get inFlight(): number {
    return this.current;
  }
}
