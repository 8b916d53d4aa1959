/**
 * Bounds what is worked on at once, so that overload answers 429 at once instead of growing queues until nothing is answered.
 * Waiting requests (`?wait=`, event streams) have a bound of their own: they cost memory, not work.
 */
export class Admission {
  private current = 0;
  constructor(private readonly limit: number) {}

  /** Takes a place and returns the function that gives it back (calling it again does nothing), or undefined when all are taken. */
  enter(): (() => void) | undefined {
    if (this.current >= this.limit) return undefined;
    this.current++;
    let held = true;
    return () => {
      if (held) this.current--;
      held = false;
    };
  }

  get inFlight(): number {
    return this.current;
  }
}
