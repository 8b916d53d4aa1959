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

/** A copy in localStorage. A full or forbidden storage is no error: saving to the server goes on. */
export function localCopy(workflowId: string, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): LocalCopy {
  const key = `heddle.draft.${workflowId}`;
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
