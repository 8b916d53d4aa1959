const colours: Record<string, string> = { trace: '\x1b[2m', debug: '\x1b[2m', info: '\x1b[36m', warn: '\x1b[33m', error: '\x1b[31m', fatal: '\x1b[31m' };
const dim = '\x1b[2m';
const reset = '\x1b[0m';

/** One JSON log line as a person reads it: time, level, message, then the remaining fields. */
export function prettyLogLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, err, process: part, ...rest } = entry;
  const name = String(level);
  const fields = Object.entries(rest)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const clock = String(time).slice(11, 19);
  const head = `${dim}${clock}${reset} ${colours[name] ?? ''}${name.padEnd(5)}${reset} ${part ? `${dim}${String(part)}${reset} ` : ''}`;
  const error = err && typeof err === 'object' && 'stack' in err ? `\n${dim}${String(err.stack)}${reset}` : '';
  return `${head}${String(msg ?? '')}${fields ? ` ${dim}${fields}${reset}` : ''}${error}\n`;
}
