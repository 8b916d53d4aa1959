import type { Assignee } from '@/core/node/executor';
import { roles } from '@/core/permissions';

const wanted = `wants e-mail addresses of members, or roles: ${roles.join(', ')}`;

/**
 * Who is meant: `admin, ann@example.com`, a list of such texts, or of `{user}` and `{role}`. What is neither an address nor a role is in `faults`.
 * Each is named once; addresses are in lower case.
 */
export function readAssignees(value: unknown): { assignees: Assignee[]; faults: string[] } {
  const found = new Map<string, Assignee>();
  const faults: string[] = [];
  for (const item of itemsOf(value)) {
    const assignee = read(item);
    if (assignee) found.set(JSON.stringify(assignee), assignee);
    else faults.push(`${typeof item === 'string' ? `"${item}"` : JSON.stringify(item)}: ${wanted}`);
  }
  if (found.size === 0 && faults.length === 0) faults.push(wanted);
  return { assignees: [...found.values()], faults };
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => (typeof item === 'string' ? itemsOf(item) : [item]));
  if (typeof value !== 'string') return value === undefined || value === null ? [] : [value];
  return value
    .split(/[,;\n]/)
    .map((text) => text.trim())
    .filter(Boolean);
}

function read(item: unknown): Assignee | undefined {
  if (typeof item === 'string') return read(/^[^@\s]+@[^@\s]+$/.test(item) ? { user: item } : { role: item.replace(/^role:\s*/i, '').replace(/s$/, '') });
  if (typeof item !== 'object' || item === null) return undefined;
  const { user, role } = item as { user?: unknown; role?: unknown };
  if (typeof user === 'string' && role === undefined) return /^[^@\s]+@[^@\s]+$/.test(user.trim()) ? { user: user.trim().toLowerCase() } : undefined;
  const known = roles.find((each) => each === (typeof role === 'string' ? role.toLowerCase() : ''));
  return known && user === undefined ? { role: known } : undefined;
}
