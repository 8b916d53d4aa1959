/** The longest type or pattern, in characters. */
export const maxEventType = 200;

/** What an event may be called: `order.created`. */
export const eventTypePattern = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/** An event as expressions see it, for completion. */
export const exampleEvent = {
  type: 'order.created',
  subject: 'order-42',
  data: {},
  id: '01890000-0000-7000-8000-000000000000',
  at: '2027-01-31T09:00:00.000Z',
};

const part = /^(?:[a-z0-9_-]+|\*{1,2})$/;

/** The events that Heddle itself publishes; the SQL function event_lifecycle_types has the same list. */
export const lifecycleTypes = [
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.waiting',
  'run.dead_lettered',
  'step.failed',
  'approval.requested',
  'approval.reminder',
  'approval.escalated',
  'approval.decided',
  'approval.expired',
  'circuit.opened',
  'circuit.closed',
] as const;

const reserved = new Set(lifecycleTypes.map((type) => type.split('.', 1)[0]));

/** Whether events of this type are Heddle's own, so that nobody else may publish them. */
export function isReservedType(type: string): boolean {
  return reserved.has(type.split('.', 1)[0] as string);
}

/** Whether a text is a pattern of event types: parts between dots, each a name, `*` or `**`. */
export function isEventPattern(text: string): boolean {
  return text.length <= maxEventType && text.split('.').every((each) => part.test(each));
}

/** What a pattern has before its first wildcard: `order.eu.*` has `order.eu`, `**` nothing. */
export function literalPrefix(pattern: string): string {
  const star = pattern.indexOf('*');
  return star < 0 ? pattern : pattern.slice(0, Math.max(0, star - 1));
}

/** The literal prefixes that a pattern for this type can have: of `a.b` nothing, `a` and `a.b`. */
export function prefixesOf(type: string): string[] {
  const prefixes = [''];
  for (let dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) prefixes.push(type.slice(0, dot));
  prefixes.push(type);
  return prefixes;
}

/** Whether an event of this type is meant: `*` stands for exactly one part, `**` for any number of them, also none. */
export function matchesEvent(pattern: string, type: string): boolean {
  const wanted = pattern.split('.');
  const parts = type.split('.');
  let at = 0;
  let next = 0;
  // only the last ** ever needs to take more, so the work is at most the product of both lengths
  let star = -1;
  let starNext = 0;
  while (next < parts.length) {
    if (wanted[at] === '**') {
      star = at++;
      starNext = next;
    } else if (at < wanted.length && (wanted[at] === '*' || wanted[at] === parts[next])) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++starNext;
    } else return false;
  }
  while (wanted[at] === '**') at++;
  return at === wanted.length;
}
