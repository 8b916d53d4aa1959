import type { Json } from '@/core/workflow/workflow';

const mostLines = 14;

/** What a JSON value holds, in plain lines: figures by name, lists by length, range and first items. Deterministic. */
export function describeData(value: Json): string[] {
  const lines: string[] = [];
  walk(value, '', lines, 0);
  return lines.slice(0, mostLines);
}

function walk(value: Json, name: string, lines: string[], depth: number): void {
  if (lines.length >= mostLines) return;
  if (Array.isArray(value)) lines.push(...describeList(value, name || 'the list'));
  else if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    // plain values first: they are the headline
    for (const [key, v] of entries) if (v === null || typeof v !== 'object') lines.push(`${inWords(key)}: ${short(v)}`);
    for (const [key, v] of entries) if (v !== null && typeof v === 'object' && depth < 3) walk(v, inWords(key), lines, depth + 1);
  } else lines.push(name ? `${name}: ${short(value)}` : short(value));
}

function describeList(list: Json[], name: string): string[] {
  const objects = list.filter((v): v is { [key: string]: Json } => v !== null && typeof v === 'object' && !Array.isArray(v));
  if (objects.length === 0)
    return [`${name}: ${list.length} ${list.length === 1 ? 'item' : 'items'}${list.length ? `, ${list.slice(0, 5).map(short).join(', ')}` : ''}`];
  const lines = [`${name}: ${objects.length} ${objects.length === 1 ? 'item' : 'items'}, first ${objects.slice(0, 3).map(label).join('; ')}`];
  for (const key of Object.keys(objects[0] ?? {})) {
    const numbers = objects.map((o) => o[key]).filter((v): v is number => typeof v === 'number');
    if (numbers.length < 2 || numbers.length < objects.length / 2 || lines.length > 3) continue;
    const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
    lines.push(`${inWords(key)} in ${name}: from ${Math.min(...numbers)} to ${Math.max(...numbers)}, ${Math.round(mean * 100) / 100} on average`);
  }
  return lines;
}

function label(item: { [key: string]: Json }): string {
  const plain = Object.values(item).filter((v) => v !== null && typeof v !== 'object');
  return plain.slice(0, 3).map(short).join(', ');
}

const inWords = (key: string): string =>
  key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();

function short(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
