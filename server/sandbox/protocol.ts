/** What the parent process, the runner process and its threads say to each other. Payloads are JSON text, so that nothing else can cross. */
export interface Job {
  id: number;
  organizationId: string;
  source: string;
  /** JSON object; its keys become global constants */
  globals: string;
  timeoutMs: number;
}

export type ToRunner = { run: Job } | { cancel: number };

export interface LogLine {
  level: string;
  message: string;
}

export type SandboxFailure = 'code_error' | 'code_syntax' | 'code_timeout' | 'code_memory' | 'code_too_large' | 'sandbox_crashed';

export type Answer = { id: number; logs: LogLine[] } & ({ value: string } | { failure: SandboxFailure; message: string; line?: number });

/** From a thread: `retire` asks for a new thread, since this one's memory has grown. */
export type FromThread = { answer: Answer; retire: boolean };

export const limits = {
  /** characters of JSON that may go in and come out */
  input: 8_000_000,
  output: 1_000_000,
  source: 100_000,
  logLines: 100,
  logLength: 2_000,
  /** WebAssembly pages of 64 KB: 16 MB to begin with, 64 MB at most */
  initialPages: 256,
  maximumPages: 1024,
  guestHeapBytes: 48 * 1024 * 1024,
  guestStackBytes: 256 * 1024,
  threads: 2,
  timeoutMs: 30_000,
  /** the thread is ended this long after the guest should have stopped itself */
  graceMs: 250,
} as const;
