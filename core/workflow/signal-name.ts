/** What people and programs may call a signal. Names that begin with `$` are Heddle's own. */
export const signalNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/**
 * The signal that brings the answer to the step at a path. From the second try on it names the try: an answer to an earlier one is none to this one.
 * Whoever calls back knows of no tries: of a callback only those of the loops around it count.
 */
export function ownSignal(kind: 'approval' | 'event' | 'callback', path: string, tryKey: string): string {
  const tries = tryKey.split('.').slice(0, kind === 'callback' ? -1 : undefined);
  return `$${kind}/${path}${tries.every((each) => each === '1') ? '' : `#${tries.join('.')}`}`;
}
