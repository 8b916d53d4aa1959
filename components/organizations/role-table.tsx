import { VisuallyHidden } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type Permission, permissionsOf, roles } from '@/core/permissions';
import classes from './roles.module.css';

/** What a permission lets a person do, in words; made from the table that the server checks against. */
const words: Record<string, string> = {
  'api-key': 'API keys',
  approval: 'approvals',
  audit: 'the audit log',
  circuit: 'circuit breakers',
  credential: 'credentials',
  member: 'members',
  organization: 'the organization',
  project: 'projects',
  run: 'runs',
  workflow: 'workflows',
};
const verbs: Record<string, string> = {
  read: 'See',
  update: 'Change',
  create: 'Create',
  delete: 'Delete',
  remove: 'Remove',
  invite: 'Invite',
  publish: 'Publish',
  execute: 'Run',
  cancel: 'Cancel',
  retry: 'Retry',
  pause: 'Pause',
  resume: 'Resume',
  rerun: 'Run again from a step:',
  replay: 'Replay',
  fork: 'Fork',
  signal: 'Send signals to',
  decide: 'Decide',
  reassign: 'Pass on',
  reset: 'Reset',
  trip: 'Open by hand:',
  revoke: 'Revoke',
};

function sentence(permission: Permission): string {
  const [what = '', verb = ''] = permission.split(':');
  return `${verbs[verb] ?? verb} ${words[what] ?? what}`;
}

/** Which role may do what, from core/permissions itself. */
export function RoleTable() {
  const granted = new Map(roles.map((role) => [role, new Set(permissionsOf(role))]));
  return (
    <details className={classes.details}>
      <summary>What each role may do</summary>
      <section className={classes.scroll} tabIndex={0} aria-label="Permissions of each role">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">May</th>
              {roles.map((role) => (
                <th scope="col" key={role}>
                  {role}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {permissionsOf('owner').map((permission) => (
              <tr key={permission}>
                <th scope="row">
                  {sentence(permission)} <code>{permission}</code>
                </th>
                {roles.map((role) => (
                  <td key={role}>
                    {granted.get(role)?.has(permission) ? (
                      <>
                        <IconCheck size={16} aria-hidden />
                        <VisuallyHidden>yes</VisuallyHidden>
                      </>
                    ) : (
                      <VisuallyHidden>no</VisuallyHidden>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
