import type { JsonObject } from '@/core/workflow/workflow';
import type { LocalCopy } from './local-copy';
import { createStore } from './store';

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'saving' }
  | { kind: 'offline'; message: string }
  | { kind: 'conflict' }
  | { kind: 'refused'; message: string };

/** Thrown by `save` when somebody else saved first. */
export class SaveConflict extends Error {}
/** Thrown by `save` when trying again would not help (no permission, too large). */
export class SaveRefused extends Error {}

export interface AutosaveOptions {
  revision: number;
  save(baseRevision: number, definition: JsonObject): Promise<{ revision: number }>;
  read(): JsonObject;
  local: LocalCopy;
  delay?: number;
  retryDelays?: number[];
}

/**
 * Saves a while after the last change, one request at a time. Until the server has acknowledged, the same document lies in the browser's storage:
 * closing the tab, a crash or an outage loses nothing.
 */
export class Autosave {
  readonly state = createStore<SaveState>({ kind: 'saved' });
  revision: number;
  private changes = 0;
  private acknowledged = 0;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private inFlight: Promise<void> | undefined;

  constructor(private readonly options: AutosaveOptions) {
    this.revision = options.revision;
  }

  /** There is something newer than what the server has. */
  get pending(): boolean {
    return this.changes > this.acknowledged;
  }

  /** Call after every change of the document. */
  touch(): void {
    this.changes += 1;
    this.options.local.keep(this.revision, this.options.read());
    const { kind } = this.state.get();
    if (kind === 'conflict' || kind === 'refused') return;
    this.state.set({ kind: 'saving' });
    this.schedule(this.options.delay ?? 400);
  }

  /** Saves now; resolves when everything is acknowledged and rejects when it could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    while (this.pending) {
      await this.attempt();
      const state = this.state.get();
      if (this.pending && state.kind !== 'saving') throw new Error('message' in state ? state.message : 'Somebody else changed this workflow.');
    }
  }

  /** Tries again at once, when the network is back. */
  retry(): void {
    if (this.pending && this.state.get().kind === 'offline') this.schedule(0);
  }

  /** Takes up from a revision that the server is known to have, after a conflict was settled. */
  settle(revision: number): void {
    this.revision = revision;
    this.acknowledged = this.changes;
    this.options.local.forget();
    this.state.set({ kind: 'saved' });
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.attempt(), delay);
  }

  private attempt(): Promise<void> {
    this.inFlight ??= this.send().finally(() => {
      this.inFlight = undefined;
    });
    return this.inFlight;
  }

  private async send(): Promise<void> {
    const { kind } = this.state.get();
    if (!this.pending || kind === 'conflict' || kind === 'refused') return;
    const sent = this.changes;
    this.state.set({ kind: 'saving' });
    try {
      const { revision } = await this.options.save(this.revision, this.options.read());
      this.revision = revision;
      this.acknowledged = sent;
      this.failures = 0;
      if (!this.pending) {
        this.options.local.forget();
        this.state.set({ kind: 'saved' });
        return;
      }
      this.options.local.keep(this.revision, this.options.read());
      this.schedule(this.options.delay ?? 400);
    } catch (error) {
      if (error instanceof SaveConflict) return this.state.set({ kind: 'conflict' });
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof SaveRefused) return this.state.set({ kind: 'refused', message });
      const delays = this.options.retryDelays ?? [1000, 2000, 5000, 10_000];
      const delay = delays[Math.min(this.failures, delays.length - 1)] ?? 10_000;
      this.failures += 1;
      this.state.set({ kind: 'offline', message });
      this.schedule(delay);
    }
  }
}
