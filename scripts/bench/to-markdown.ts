import { readFileSync } from 'node:fs';
import type { Row } from './row';

/** `npm run bench -- --json > rows.json && npx tsx scripts/bench/to-markdown.ts rows.json`: the table of docs/performance.md. */
const rows = JSON.parse(readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8')) as Row[];
const shown = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));
console.log('| figure | measured | goal | how |\n| --- | --- | --- | --- |');
for (const { name, value, unit, goal, better, note } of rows) {
  const wanted = goal === undefined ? '' : `${better === 'higher' ? '≥' : '≤'} ${shown(goal)}`;
  console.log(`| ${name} | ${shown(value)} ${unit} | ${wanted} | ${note ?? ''} |`);
}
