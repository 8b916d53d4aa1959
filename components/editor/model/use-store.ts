'use client';
import { useCallback, useSyncExternalStore } from 'react';
import type { KeyedStore, Store } from './store';

/** The part of a store that `select` picks. `select` must return the same reference while nothing of interest changed. */
export function useStore<T, S = T>(store: Store<T>, select: (value: T) => S = (value) => value as unknown as S): S {
  const read = () => select(store.get());
  return useSyncExternalStore(store.subscribe, read, read);
}

/** The value of one id; renders only when that id changes. */
export function useKeyed<T>(store: KeyedStore<T>, id: string): T | undefined {
  const subscribe = useCallback((listener: () => void) => store.subscribe(id, listener), [store, id]);
  const read = () => store.get(id);
  return useSyncExternalStore(subscribe, read, read);
}
