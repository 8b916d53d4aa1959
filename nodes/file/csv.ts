import { StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';

/**
 * A table as CSV (RFC 4180): of a list of objects the columns are their keys in the order of first appearance, of a list of lists the rows are as
 * they are. Texts that a spreadsheet would take for formulas get an apostrophe in front.
 */
export function toCsv(content: Json): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw new StepError('invalid_content', 'A CSV table wants a list of objects or of lists.', { retryable: false });
  const isRecord = (row: Json): row is Record<string, Json> => typeof row === 'object' && row !== null && !Array.isArray(row);
  const columns = [...new Set(content.filter(isRecord).flatMap((row) => Object.keys(row)))];
  const lines = columns.length > 0 ? [columns.map(cell)] : [];
  for (const row of content) {
    if (isRecord(row)) lines.push(columns.map((name) => cell(Object.hasOwn(row, name) ? (row[name] ?? null) : null)));
    else lines.push((Array.isArray(row) ? row : [row]).map(cell));
  }
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function cell(value: Json): string {
  if (value === null) return '';
  let text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (typeof value === 'string' && /^[=+@\t\r]|^-(?![\d.]+$)/.test(text)) text = `'${text}`;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
