const firstMs = 500;
const longestMs = 30_000;
/** after running this long a process counts as healthy again */
const healthyMs = 60_000;

/** How long to wait before a process is started again: it doubles with every quick death, and begins anew after a healthy minute. */
export class Backoff {
  #next = firstMs;

  /** The wait after a life of `ranMs`. */
  after(ranMs: number): number {
    if (ranMs >= healthyMs) this.#next = firstMs;
    const wait = this.#next;
    this.#next = Math.min(this.#next * 2, longestMs);
    return wait;
  }
}
