import { z } from 'zod';

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** `30s` → 30000; undefined when it is no duration. Units: ms, s, m, h, d. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (unitMs[match[2] as string] as number));
}

/** 30000 → `30s`: the largest unit that divides it. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = unitMs[unit] as number;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** A setting that holds a duration, as text; the executor calls parseDuration. */
export const durationSetting = () =>
  z.string({ error: 'wants a duration like 30s, 5m, 2h or 1d' }).regex(/^\s*\d+(\.\d+)?(ms|s|m|h|d)\s*$/, 'wants a duration like 30s, 5m, 2h or 1d');
