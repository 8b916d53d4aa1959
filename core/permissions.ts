/** Every permission Heddle knows, as `resource:verb`; a verb of the same name checks it. */
export const permissions = [
  'organization:read',
  'organization:update',
  'organization:delete',
  'member:read',
  'member:invite',
  'member:update',
  'member:remove',
  'project:read',
  'project:create',
  'project:update',
  'project:delete',
  'workflow:read',
  'workflow:create',
  'workflow:update',
  'workflow:publish',
  'workflow:delete',
  'workflow:execute',
  'run:read',
  'run:cancel',
  'run:retry',
  'run:pause',
  'run:resume',
  'run:rerun',
  'run:replay',
  'run:fork',
  'dead-letter:read',
  'dead-letter:retry',
  'dead-letter:discard',
  'circuit:read',
  'circuit:reset',
  'circuit:trip',
  'run:signal',
  'approval:read',
  'approval:decide',
  'approval:reassign',
  'event:read',
  'event:publish',
  'event:replay',
  'event:configure',
  'limit:read',
  'limit:update',
  'credential:read',
  'credential:create',
  'credential:update',
  'credential:delete',
  'api-key:read',
  'api-key:create',
  'api-key:revoke',
  'audit:read',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['owner', 'admin', 'editor', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Deciding an approval takes being asked as well. */
const viewer: Permission[] = [
  'organization:read',
  'member:read',
  'project:read',
  'workflow:read',
  'run:read',
  'approval:read',
  'approval:decide',
  'circuit:read',
  'dead-letter:read',
  'event:read',
  'limit:read',
];
const control: Permission[] = [
  'run:pause',
  'run:resume',
  'run:rerun',
  'run:replay',
  'run:fork',
  'dead-letter:retry',
  'dead-letter:discard',
  'circuit:reset',
  'circuit:trip',
  'event:publish',
  'event:replay',
];
const operator: Permission[] = [...viewer, 'workflow:execute', 'run:cancel', 'run:retry', 'run:signal', 'approval:reassign', ...control];
const editor: Permission[] = [
  ...operator,
  'project:create',
  'project:update',
  'workflow:create',
  'workflow:update',
  'workflow:publish',
  'workflow:delete',
  'credential:read',
];
const admin: Permission[] = permissions.filter((p) => p !== 'organization:delete');

const granted: Record<Role, ReadonlySet<Permission>> = {
  owner: new Set(permissions),
  admin: new Set(admin),
  editor: new Set(editor),
  operator: new Set(operator),
  viewer: new Set(viewer),
};

/** Whether `role` includes `permission`. Constant time. */
export function roleGrants(role: Role, permission: Permission): boolean {
  return granted[role].has(permission);
}

/** The permissions of a role, for pages that explain them. */
export function permissionsOf(role: Role): Permission[] {
  return permissions.filter((p) => granted[role].has(p));
}
