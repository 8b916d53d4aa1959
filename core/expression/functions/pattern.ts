import { RE2JS } from '@bufbuild/re2';
import { Fault } from '../fault';
import { limits, spend } from '../limits';

const compiled = new Map<string, RE2JS>();

/** An RE2 pattern, which matches in time linear in the text; the last 200 are kept. `offset` places the fault when the pattern is a literal. */
export function compilePattern(pattern: string, offset?: number): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  if (pattern.length > limits.patternLength) throw new Fault('too_large', `a pattern may have at most ${limits.patternLength} characters`, offset);
  let made: RE2JS;
  try {
    made = RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it does not parse';
    throw new Fault('argument', `the pattern "${pattern.slice(0, 60)}" cannot be used: ${reason} (RE2 syntax: no look-around, no back-references)`, offset);
  }
  if (compiled.size >= 200) compiled.delete(compiled.keys().next().value as string);
  compiled.set(pattern, made);
  return made;
}

/** The matcher visits each character once per state of the pattern at worst, and takes about a microsecond for ten of those. */
export function matchingWork(value: string, pattern: string): number {
  return Math.ceil((value.length * Math.max(16, pattern.length)) / 8);
}

/** Whether `pattern` matches anywhere in `value`. */
export function matchesPattern(value: string, pattern: string): boolean {
  if (!compiled.has(pattern)) spend(2000);
  spend(matchingWork(value, pattern));
  return compilePattern(pattern).test(value);
}
