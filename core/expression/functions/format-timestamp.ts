import { Fault } from '../fault';
import { spend } from '../limits';
import { type ZonedFields, zoned } from './zoned';

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function zoneText(offset: number, colon: string): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${colon}${pad(minutes % 60, 2)}`;
}

type Token = (f: ZonedFields, date: Date) => string;
const tokens: Record<string, Token> = {
  yyyy: (f) => pad(f.year, 4),
  yy: (f) => pad(f.year % 100, 2),
  MMMM: (f) => months[f.month - 1] ?? '',
  MMM: (f) => (months[f.month - 1] ?? '').slice(0, 3),
  MM: (f) => pad(f.month, 2),
  M: (f) => String(f.month),
  dd: (f) => pad(f.day, 2),
  d: (f) => String(f.day),
  EEEE: (f) => weekdays[f.weekday] ?? '',
  EEE: (f) => (weekdays[f.weekday] ?? '').slice(0, 3),
  HH: (f) => pad(f.hour, 2),
  H: (f) => String(f.hour),
  hh: (f) => pad(f.hour % 12 || 12, 2),
  h: (f) => String(f.hour % 12 || 12),
  mm: (f) => pad(f.minute, 2),
  m: (f) => String(f.minute),
  ss: (f) => pad(f.second, 2),
  s: (f) => String(f.second),
  SSS: (_f, date) => pad(((date.getTime() % 1000) + 1000) % 1000, 3),
  a: (f) => (f.hour < 12 ? 'AM' : 'PM'),
  XXX: (f) => (f.offset === 0 ? 'Z' : zoneText(f.offset, ':')),
  xxx: (f) => zoneText(f.offset, ':'),
  xx: (f) => zoneText(f.offset, ''),
};

/** `yyyy-MM-dd'T'HH:mm:ssXXX` and the like (Unicode's letters; YYYY and DD are read as yyyy and dd). Letters meant as text stand in single quotes. */
export function formatTimestamp(date: Date, pattern: string, zone: string): string {
  if (pattern.length > 200) throw new Fault('too_large', 'the pattern of a date may have at most 200 characters');
  spend(20);
  const fields = zoned(date, zone);
  return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (match, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    const token = tokens[/^(?:Y+|D+)$/.test(match) ? match.toLowerCase() : match];
    if (!token)
      throw new Fault('argument', `"${match}" is not part of a date pattern (yyyy, MM, MMM, dd, EEE, HH, mm, ss, SSS, XXX); put plain text in single quotes`);
    return token(fields, date);
  });
}
