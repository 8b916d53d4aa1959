import { getHeapStatistics } from 'node:v8';

const freshMs = 100;
const highShare = 0.8;

/** Whether this process is about to run out of memory: then it takes no further runs until some have ended. Looks at most ten times a second. */
export class MemoryPressure {
  private at = Number.NEGATIVE_INFINITY;
  private share = 0;

  constructor(private readonly read: () => { used_heap_size: number; heap_size_limit: number } = getHeapStatistics) {}

  get high(): boolean {
    const now = performance.now();
    if (now - this.at > freshMs) {
      const { used_heap_size: used, heap_size_limit: limit } = this.read();
      this.share = used / limit;
      this.at = now;
    }
    return this.share > highShare;
  }
}
