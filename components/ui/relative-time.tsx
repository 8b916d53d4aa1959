'use client';
import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

const steps: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [3600, 'minute'],
  [86_400, 'hour'],
  [604_800, 'day'],
  [2_629_800, 'week'],
  [31_557_600, 'month'],
];

/** `3 minutes ago`, `in 2 hours`, `just now`; `now` and `at` are ms since the epoch. */
export function formatRelative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 10 && seconds <= 0) return 'just now';
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
  let unitSeconds = 1;
  for (const [limit, unit] of steps) {
    if (size < limit) return format.format(Math.round(seconds / unitSeconds), unit);
    unitSeconds = limit;
  }
  return format.format(Math.round(seconds / 31_557_600), 'year');
}

/**
 * A moment in the reader's own time: relative, with the exact one on hover and focus. The server renders the date alone, so hydration never differs.
 * What is not said to lie `ahead` is past, whatever the reader's clock says.
 */
export function RelativeTime({ at, ahead = false }: { at: Date | string | number | null | undefined; ahead?: boolean }) {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), ahead ? 1_000 : 15_000);
    return () => window.clearInterval(timer);
  }, [ahead]);
  if (at === null || at === undefined) return <span>–</span>;
  const date = new Date(at);
  if (now === null) return <time dateTime={date.toISOString()}>{date.toISOString().slice(0, 10)}</time>;
  return (
    <Tooltip label={date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'medium' })}>
      <time dateTime={date.toISOString()} style={{ whiteSpace: 'nowrap' }}>
        {formatRelative(date.getTime(), !ahead && date.getTime() < now + 60_000 ? Math.max(now, date.getTime()) : now)}
      </time>
    </Tooltip>
  );
}
