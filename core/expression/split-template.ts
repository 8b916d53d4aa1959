import { ExpressionError } from './expression-error';

/** Plain text, or an expression between `{{` and `}}`. */
export type Segment = string | { expression: string /** of the expression in the template */; offset: number };

/** Splits a template text at its `{{ expression }}`s; `{{{{` is the text `{{`. Braces and texts inside expressions are understood. */
export function splitTemplate(text: string): Segment[] {
  const segments: Segment[] = [];
  let plain = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open === -1) break;
    plain += text.slice(at, open);
    if (text.startsWith('{{{{', open)) {
      plain += '{{';
      at = open + 4;
      continue;
    }
    const close = findClose(text, open + 2);
    if (close === -1) throw new ExpressionError('syntax', '`{{` has no matching `}}`; to write two braces as text, write `{{{{`', text, open);
    if (plain !== '') segments.push(plain);
    plain = '';
    const inner = text.slice(open + 2, close);
    const lead = inner.length - inner.trimStart().length;
    segments.push({ expression: inner.trim(), offset: open + 2 + lead });
    at = close + 2;
  }
  plain += text.slice(at);
  if (plain !== '') segments.push(plain);
  return segments;
}

/** The offset of the `}}` that ends the expression starting at `from`: not inside a text, not closing a map. -1 if there is none. */
function findClose(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const character = text[i];
    if (character === '"' || character === "'") {
      i = skipText(text, i, character);
      if (i === -1) return -1;
    } else if (character === '{') depth++;
    else if (character === '}') {
      if (depth > 0) depth--;
      else if (text[i + 1] === '}') return i;
    }
  }
  return -1;
}

/** The offset of the quote that closes the text opened at `at`, or -1. As in the lexer of CEL, a backslash spares the quote behind it. */
function skipText(text: string, at: number, quote: string): number {
  const triple = text.startsWith(quote.repeat(3), at);
  for (let i = at + (triple ? 3 : 1); i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote && (!triple || text.startsWith(quote.repeat(3), i))) return triple ? i + 2 : i;
  }
  return -1;
}
