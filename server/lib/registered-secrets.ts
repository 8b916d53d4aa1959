/** Next bundles this module apart from the custom server: one registry a process. */
interface Registry {
  values: Map<string, number>;
  pattern: RegExp | undefined;
}
const registry: Registry = ((globalThis as { __heddleSecrets?: Registry }).__heddleSecrets ??= { values: new Map(), pattern: undefined });

/** Shorter strings occur by chance; replacing them would garble logs and tell the secret by its gaps. */
const shortest = 6;

function spellings(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

function rebuild(): void {
  const all = [...new Set([...registry.values.keys()].flatMap(spellings))].sort((a, b) => b.length - a.length);
  registry.pattern = all.length === 0 ? undefined : new RegExp(all.map((s) => s.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'g');
}

/**
 * Makes every later log line, error and trace show `[redacted]` in place of this value, however it is spelt (plain, JSON, URL, base64, hex).
 * Returns a function that forgets it; a value registered twice is forgotten after both.
 */
export function registerSecret(value: string): () => void {
  if (value.length < shortest) return () => {};
  const count = registry.values.get(value) ?? 0;
  registry.values.set(value, count + 1);
  if (count === 0) rebuild();
  let forgotten = false;
  return () => {
    if (forgotten) return;
    forgotten = true;
    const left = (registry.values.get(value) ?? 1) - 1;
    if (left > 0) registry.values.set(value, left);
    else {
      registry.values.delete(value);
      rebuild();
    }
  };
}

/** The text with every registered secret replaced. */
export function redactSecrets(text: string): string {
  return registry.pattern ? text.replace(registry.pattern, '[redacted]') : text;
}
