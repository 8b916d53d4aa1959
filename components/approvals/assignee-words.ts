import type { Role } from '@/core/permissions';

const groups: Record<Role, string> = { owner: 'owners', admin: 'admins', editor: 'editors', operator: 'operators', viewer: 'everybody' };

/** `admins, ann@example.com`: whom an approval asks. */
export function assigneeWords(assignees: readonly ({ user: string; name?: string } | { role: Role })[]): string {
  return assignees.map((each) => ('role' in each ? groups[each.role] : (each.name ?? each.user))).join(', ');
}
