'use client';
import { useEffect, useState } from 'react';

/** The time, again every `everyMs` while `active`; the first value is `start`, so that server and browser agree. */
export function useNow(active: boolean, start: number, everyMs = 200): number {
  const [now, setNow] = useState(start);
  useEffect(() => {
    setNow(Date.now());
    if (!active) return;
    const timer = window.setInterval(() => setNow(Date.now()), everyMs);
    return () => window.clearInterval(timer);
  }, [active, everyMs]);
  return now;
}
