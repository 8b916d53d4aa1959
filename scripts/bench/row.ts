/** One measured figure. `goal` is what the issue asks for; `better` says which direction is good. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  goal?: number;
  better: 'higher' | 'lower';
  note?: string;
}

/** p in [0, 1] of a list of numbers. */
export function percentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

export function printTable(rows: Row[]): void {
  const cells = rows.map((r) => [
    r.name,
    format(r.value),
    r.unit,
    r.goal === undefined ? '' : `${r.better === 'higher' ? '≥' : '≤'} ${format(r.goal)}`,
    verdict(r),
    r.note ?? '',
  ]);
  const all = [['figure', 'measured', 'unit', 'goal', '', 'note'], ...cells];
  const widths = (all[0] as string[]).map((_, i) => Math.max(...all.map((c) => (c[i] as string).length)));
  for (const c of all)
    console.log(
      c
        .map((text, i) => (i === 1 ? text.padStart(widths[i] as number) : text.padEnd(widths[i] as number)))
        .join('  ')
        .trimEnd(),
    );
}

function verdict(row: Row): string {
  if (row.goal === undefined) return '';
  return (row.better === 'higher' ? row.value >= row.goal : row.value <= row.goal) ? 'met' : 'MISSED';
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
