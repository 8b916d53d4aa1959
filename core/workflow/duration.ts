const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const pattern = /^(?:\d{1,12}(?:\.\d{1,3})?(?:ms|s|m|h|d|w)){1,6}$/;

/** The longest duration AWL takes: 400 days. */
export const maxDuration = 400 * 86_400_000;

/** Milliseconds of `30s`, `1h30m`, `1.5h`, `500ms`, `2d`; undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text.length > 60 || !pattern.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) ms += Number(amount) * (units[unit as string] ?? 0);
  return Math.round(ms);
}

/** `90000` as `1m30s`: what parseDuration reads back as the same number. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = units[unit] as number;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
