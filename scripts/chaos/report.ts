import type { Fault } from './faults';
import { type Check, type Figure, grouped } from './figures';

export interface Report {
  seed: number;
  command: string;
  seconds: number;
  faults: Fault[];
  checks: Check[];
  figures: Figure[];
  answers: Record<string, number>;
  deaths: Record<string, number>;
  home: string | undefined;
  /** figures are judged too */
  strict: boolean;
}

/** All is well when nothing contradicts a check and every figure with a goal meets it. */
export const isWell = (report: Report): boolean =>
  report.checks.every((c) => c.found === 0) && (!report.strict || report.figures.every((f) => f.met !== false));

export function printReport(report: Report): void {
  const { faults, checks, figures, answers, deaths } = report;
  const kinds = [...grouped(faults, (f) => f.kind)].sort(([a], [b]) => a.localeCompare(b));
  print('\nFaults', [
    ...kinds.map(([kind, list]) => [
      kind,
      String(list.length),
      list.some((f) => f.note?.startsWith('not done')) ? `${list.filter((f) => f.note?.startsWith('not done')).length} not done` : '',
    ]),
    ['all', String(faults.length), ''],
  ]);
  print(
    '\nDeaths of processes, by the suite and of themselves',
    Object.entries(deaths).map(([how, n]) => [how, String(n)]),
  );
  print(
    '\nAnswers to clients',
    Object.entries(answers).map(([status, n]) => [status, String(n)]),
  );
  print(
    '\nChecks',
    checks.map((c) => [c.found === 0 ? '✓' : '✗', c.name, String(c.found), `of ${c.of}`]),
  );
  print(
    '\nFigures',
    figures.map((f) => [f.met === undefined ? ' ' : f.met ? '✓' : '✗', f.name, `${shown(f.value)} ${f.unit}`, f.goal ?? '', f.note ?? '']),
  );
  for (const { name, examples = [] } of [...checks.filter((c) => c.found > 0), ...figures.filter((f) => f.met === false)]) {
    console.log(`\n  ${name}:`);
    for (const example of examples) console.log(`    ${example}`);
  }
  console.log(`\nSeed ${report.seed}; again: ${report.command}`);
  if (report.home) {
    console.log(`Kept: ${report.home} (logs/*.log, logs/sink.ndjson, logs/faults.ndjson, postgres.log and the database).`);
    console.log(`To look: HEDDLE_HOME=${report.home} npm start, sign in as north@example.com with "correct horse battery staple";`);
    console.log('or psql with the address in postgres.json. Delete the folder when done.');
  }
  console.log(isWell(report) ? `\nAll is well (${report.seconds} s).` : `\nNOT WELL (${report.seconds} s).`);
}

const shown = (value: number) => (Number.isNaN(value) ? '–' : value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));

function print(title: string, rows: string[][]): void {
  console.log(title);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows) console.log(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}
