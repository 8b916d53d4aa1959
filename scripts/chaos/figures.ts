/** p in [0, 1] of a list of numbers; NaN of an empty one. */
export function percentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

/** Something that must be so; `found` counts what contradicts it. */
export interface Check {
  name: string;
  found: number;
  /** the first of what was found, to look at */
  examples: string[];
  /** what was looked at, so that nought of nothing is no proof */
  of: number;
}

/** A measured value with what the issue asks for. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  goal?: string;
  met?: boolean;
  note?: string;
  /** what stands out, shown when the goal is missed */
  examples?: string[];
}

/** A check from the things that contradict it. */
export function check(name: string, of: number, contradictions: string[]): Check {
  return { name, of, found: contradictions.length, examples: contradictions.slice(0, 8) };
}

/** Lists by key, in the order the keys first came. */
export function grouped<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
