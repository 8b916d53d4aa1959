import type { Trigger } from '@/core/workflow/workflow';

export interface StoredTrigger {
  id: string;
  position: number;
  type: string;
  settings: unknown;
}

/**
 * Which stored trigger each new one continues, so that hook addresses survive a publish: the same settings first, then the same place,
 * then the next of the same type. Returns a stored trigger or undefined (a new one) for each new trigger.
 */
export function matchTriggers<S extends StoredTrigger>(triggers: readonly Trigger[], stored: readonly S[]): (S | undefined)[] {
  const free = new Set(stored);
  const matched: (S | undefined)[] = triggers.map(() => undefined);
  const pass = (fits: (old: S, trigger: Trigger, position: number) => boolean) => {
    triggers.forEach((trigger, position) => {
      if (matched[position]) return;
      for (const old of free) {
        if (old.type !== trigger.type || !fits(old, trigger, position)) continue;
        matched[position] = old;
        free.delete(old);
        return;
      }
    });
  };
  pass((old, trigger) => sameJson(old.settings, trigger.with));
  pass((old, _, position) => old.position === position);
  pass(() => true);
  return matched;
}

/** Equality of JSON, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
