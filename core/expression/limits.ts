import { Fault } from './fault';

/** What one expression may ask for. CEL cannot loop forever; these keep it from being merely enormous. */
export const limits = {
  sourceLength: 10_240,
  astNodes: 4_000,
  depth: 60,
  /** comprehensions inside comprehensions */
  comprehensionDepth: 3,
  /** steps of all comprehensions and list functions of one evaluation together */
  work: 1_000_000,
  listLength: 100_000,
  stringLength: 5_000_000,
  /** values in a constructed result */
  resultSize: 1_000_000,
  /** characters of all strings in a constructed result */
  resultLength: 10_000_000,
  patternLength: 1_000,
} as const;

let remaining: number = limits.work;

/** Takes `amount` from the budget of the evaluation that is going on. */
export function spend(amount: number): void {
  remaining -= amount;
  if (remaining < 0) throw new Fault('budget_exceeded', `the expression does too much: more than ${limits.work.toLocaleString('en-US')} steps`);
}

/** Sets the budget and returns what was left; evaluations may nest (a lazy scope value may evaluate another expression), so the old one is put back. */
export function swapBudget(budget: number): number {
  const saved = remaining;
  remaining = budget;
  return saved;
}

/** Charges work on a text of `length` characters. */
export function spendText(length: number): void {
  if (length > 64) spend(length >> 6);
}

/** `text`, if it is not too long. */
export function cappedText(text: string): string {
  assertTextLength(text.length);
  return text;
}

/** Throws when a text of `length` would be too long. */
export function assertTextLength(length: number): void {
  if (length > limits.stringLength) throw new Fault('too_large', `a text would be longer than ${limits.stringLength.toLocaleString('en-US')} characters`);
}

/** `list`, if it is not too long; its length is charged to the budget. */
export function cappedList<T>(list: T[]): T[] {
  assertListLength(list.length);
  spend(list.length);
  return list;
}

/** Throws when a list of `length` would be too long. */
export function assertListLength(length: number): void {
  if (length > limits.listLength) throw new Fault('too_large', `a list would have more than ${limits.listLength.toLocaleString('en-US')} items`);
}
