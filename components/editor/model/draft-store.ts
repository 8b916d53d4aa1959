import type { Workflow } from '@/core/workflow/workflow';
import { createStore, type Store } from './store';

export type Operation = (workflow: Workflow) => Workflow;

interface History {
  past: Workflow[];
  future: Workflow[];
}

const LIMIT = 200;
const MERGE_WITHIN_MS = 900;

/**
 * The workflow being edited, with undo. Components only ever call `apply`, `undo` and `redo`, so that a shared document can take this place.
 */
export class DraftStore {
  readonly workflow: Store<Workflow>;
  readonly history: Store<History> = createStore<History>({ past: [], future: [] });
  private lastTag: string | undefined;
  private lastAt = 0;

  constructor(
    initial: Workflow,
    private readonly now: () => number = Date.now,
  ) {
    this.workflow = createStore(initial);
  }

  /** Applies a pure operation. Operations with the same `tag` in quick succession (typing in one field) are one step of undo. */
  apply(operation: Operation, tag?: string): void {
    const before = this.workflow.get();
    const after = operation(before);
    if (after === before) return;
    const at = this.now();
    const merges = tag !== undefined && tag === this.lastTag && at - this.lastAt < MERGE_WITHIN_MS && this.history.get().past.length > 0;
    this.lastTag = tag;
    this.lastAt = at;
    this.history.set((h) => ({ past: merges ? h.past : [...h.past.slice(1 - LIMIT), before], future: [] }));
    this.workflow.set(after);
  }

  undo(): void {
    const { past, future } = this.history.get();
    const previous = past.at(-1);
    if (!previous) return;
    this.lastTag = undefined;
    this.history.set({ past: past.slice(0, -1), future: [this.workflow.get(), ...future] });
    this.workflow.set(previous);
  }

  redo(): void {
    const { past, future } = this.history.get();
    const next = future[0];
    if (!next) return;
    this.lastTag = undefined;
    this.history.set({ past: [...past, this.workflow.get()], future: future.slice(1) });
    this.workflow.set(next);
  }

  /** Takes another document (a reload after a conflict); what was there can be undone to. */
  replace(workflow: Workflow): void {
    this.apply(() => workflow);
  }
}
