import type { JsonObject } from '@/core/workflow/workflow';

export interface KeptDraft {
  baseRevision: number;
  definition: JsonObject;
  at: number;
}

/** Unacknowledged edits of one workflow, outside the page's memory. */
export interface LocalCopy {
  keep(baseRevision: number, definition: JsonObject): void;
  read(): KeptDraft | undefined;
  forget(): void;
}

const keyOf = (workflowId: string, tab: string): string => `heddle.draft.${workflowId}.${tab}`;

/** Which tab this is: the same after a reload, another one in another tab. */
export function tabId(storage: Pick<Storage, 'getItem' | 'setItem'>): string {
  try {
    const known = storage.getItem('heddle.tab');
    if (known) return known;
    const made = Math.random().toString(36).slice(2);
    storage.setItem('heddle.tab', made);
    return made;
  } catch {
    return 'tab';
  }
}

/** Tabs that left unsaved edits of a workflow behind, or are saving them this moment. */
export function tabsWithCopies(workflowId: string, storage: Pick<Storage, 'length' | 'key'>): string[] {
  const prefix = keyOf(workflowId, '');
  try {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
    return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  } catch {
    return [];
  }
}

/** A tab's copy in localStorage. A full or forbidden storage is no error: saving to the server goes on. */
export function localCopy(workflowId: string, tab: string, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): LocalCopy {
  const key = keyOf(workflowId, tab);
  return {
    keep(baseRevision, definition) {
      try {
        storage.setItem(key, JSON.stringify({ baseRevision, definition, at: Date.now() } satisfies KeptDraft));
      } catch {
        // no room: the server copy is the one that counts
      }
    },
    read() {
      try {
        const kept = JSON.parse(storage.getItem(key) ?? 'null') as KeptDraft | null;
        return kept && typeof kept.baseRevision === 'number' && kept.definition && typeof kept.definition === 'object' ? kept : undefined;
      } catch {
        return undefined;
      }
    },
    forget() {
      try {
        storage.removeItem(key);
      } catch {
        // nothing was kept then
      }
    },
  };
}
