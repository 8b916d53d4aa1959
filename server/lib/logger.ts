import { Writable } from 'node:stream';
import pino from 'pino';
import { env } from '@/server/env';
import { prettyLogLine } from './pretty-log-line';
import { redactSecrets } from './registered-secrets';

/** Writes finished log lines: secrets are replaced by value, so it does not matter through which field one got in. */
function redactingStream(): Writable {
  const pretty = process.stdout.isTTY === true;
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const line = redactSecrets(String(chunk));
      process.stdout.write(pretty ? prettyLogLine(line) : line);
      done();
    },
  });
}

function createLogger(): pino.Logger {
  return pino(
    { level: env().LOG_LEVEL, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    redactingStream(),
  );
}

/** The environment is read at the first line logged, so importing this module never fails. */
let made: pino.Logger | undefined;

/** The log of this process: JSON lines, or readable ones on a terminal. Use `logger.child({ process: 'worker' })` for a part of it. */
export const logger: pino.Logger = new Proxy({} as pino.Logger, {
  get(_target, key) {
    made ??= createLogger();
    const value = Reflect.get(made, key) as unknown;
    return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(made) : value;
  },
  set(_target, key, value) {
    made ??= createLogger();
    return Reflect.set(made, key, value);
  },
});
