/** what the server counts up to */
const countedUpTo = 1_000;

/** `12`, or `1,000+` where counting stopped. */
export function counted(n: number): string {
  return `${n.toLocaleString('en-US')}${n >= countedUpTo ? '+' : ''}`;
}
