/** by how much the clock of whoever made an id may differ from the database's, ms */
const slack = 3_600_000;

/** A UUIDv7 that is smaller than those of events from a time on: a bound for the index, beside the exact one on the time itself. */
export function idBefore(time: Date): string {
  return idAt(time.getTime() - slack);
}

/** The same the other way: larger than those of events before that time. */
export function idAfter(time: Date): string {
  return idAt(time.getTime() + slack);
}

function idAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
