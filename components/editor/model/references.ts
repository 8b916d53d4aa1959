/**
 * Renames `steps.OLD` and `steps["OLD"]` in every string, and `step: OLD` of dependencies and gotos, at any depth.
 * Returns the same reference where nothing changed.
 */
export function renameReferences<T>(value: T, names: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') return renameInText(value, names) as T;
  if (Array.isArray(value)) {
    let changed = false;
    const items = value.map((item) => {
      const next = renameReferences(item, names);
      changed ||= next !== item;
      return next;
    });
    return changed ? (items as T) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  let changed = false;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const next = key === 'step' && typeof item === 'string' ? (names.get(item) ?? item) : renameReferences(item, names);
    changed ||= next !== item;
    return [key, next];
  });
  return changed ? (Object.fromEntries(entries) as T) : value;
}

function renameInText(text: string, names: ReadonlyMap<string, string>): string {
  if (!text.includes('steps')) return text;
  return text
    .replace(/\bsteps\.([A-Za-z_][A-Za-z0-9_]*)/g, (whole, id: string) => (names.has(id) ? `steps.${names.get(id)}` : whole))
    .replace(/\bsteps\[(["'])([^"'\]]+)\1\]/g, (whole, quote: string, id: string) => (names.has(id) ? `steps[${quote}${names.get(id)}${quote}]` : whole));
}
