/** What people and programs may call a signal. Names that begin with `$` are Heddle's own. */
export const signalNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** The signal that brings the answer to the step at a path. */
export const ownSignal = (kind: 'approval' | 'event' | 'callback', path: string): string => `$${kind}/${path}`;
