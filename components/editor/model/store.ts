/** A value that components subscribe to: the smallest thing useSyncExternalStore needs. */
export interface Store<T> {
  get(): T;
  set(next: T | ((current: T) => T)): void;
  subscribe(listener: () => void): () => void;
}

/** Makes a store. Listeners run synchronously after a change; setting an identical value does nothing. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const made = typeof next === 'function' ? (next as (current: T) => T)(value) : next;
      if (Object.is(made, value)) return;
      value = made;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Values by id with a listener set per id, so that a change of one node renders one node. */
export class KeyedStore<T> {
  private values = new Map<string, T>();
  private listeners = new Map<string, Set<() => void>>();

  get(id: string): T | undefined {
    return this.values.get(id);
  }

  entries(): ReadonlyMap<string, T> {
    return this.values;
  }

  subscribe(id: string, listener: () => void): () => void {
    const set = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, set);
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(id);
    };
  }

  set(id: string, value: T | undefined): void {
    if (Object.is(this.values.get(id), value)) return;
    if (value === undefined) this.values.delete(id);
    else this.values.set(id, value);
    for (const listener of [...(this.listeners.get(id) ?? [])]) listener();
  }

  /** Replaces everything and tells only the ids whose value differs. */
  replace(next: ReadonlyMap<string, T>): void {
    for (const id of [...this.values.keys()]) if (!next.has(id)) this.set(id, undefined);
    for (const [id, value] of next) this.set(id, value);
  }
}
