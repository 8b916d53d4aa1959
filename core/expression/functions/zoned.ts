import { Fault } from '../fault';
import { spend } from '../limits';

/** A point in time as a wall clock in some time zone shows it. */
export interface ZonedFields {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 is Sunday */
  weekday: number;
  /** of the zone, in minutes east of UTC */
  offset: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new Fault('argument', `"${zone.slice(0, 40)}" is not a time zone; write it as Europe/Berlin, UTC or +02:00`);
  }
  if (formats.size >= 100) formats.delete(formats.keys().next().value as string);
  formats.set(zone, format);
  return format;
}

/** The clock of `zone` (IANA name or offset) at `date`. */
export function zoned(date: Date, zone: string): ZonedFields {
  const local = zone === 'UTC' ? date.getTime() : localTime(date, zone);
  const at = new Date(local);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    weekday: at.getUTCDay(),
    offset: Math.round((local - date.getTime()) / 60_000),
  };
}

/** The clock's reading, taken as if it were UTC. */
function localTime(date: Date, zone: string): number {
  spend(20);
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(date)) parts[type] = value;
  const year = parts.era?.startsWith('B') ? 1 - Number(parts.year) : Number(parts.year);
  const at = new Date(0);
  at.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
  at.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second), ((date.getTime() % 1000) + 1000) % 1000);
  return at.getTime();
}
