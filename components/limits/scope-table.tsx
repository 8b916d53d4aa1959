'use client';
import { VisuallyHidden } from '@mantine/core';
import { openModal } from '@mantine/modals';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import list from '@/components/ui/list.module.css';
import { counted } from './counted';
import { type LimitedScope, LimitForm } from './limit-form';
import type { Limits } from './limits-view';

interface Scope extends LimitedScope {
  hint: string;
  running: number | null;
  waiting: number;
}

/** The organization and its projects, each with its limit, what runs and what waits. */
export function ScopeTable({ limits }: { limits: Limits }) {
  const { name } = useOrganization();
  const { organization, projects } = limits;
  const scopes: Scope[] = [
    { name, hint: 'Organization', concurrency: organization.concurrency, running: organization.running, waiting: organization.waiting },
    ...projects.map(({ id, name, concurrency, running, held }) => ({ projectId: id, name, hint: 'Project', concurrency, running, waiting: held })),
  ];
  return (
    <div className={list.frame}>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">Scope</th>
            <th scope="col">Running</th>
            <th scope="col" className={list.wide}>
              Waiting
            </th>
            <th scope="col">Limit</th>
            <th scope="col" className={list.last}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {scopes.map((scope) => (
            <tr key={scope.projectId ?? 'organization'}>
              <td className={list.main}>
                <span className={list.clip} style={{ fontWeight: 600 }}>
                  {scope.name}
                </span>
                <span className={`${list.dim} ${list.clip}`}>{scope.hint}</span>
              </td>
              <td>{scope.running ?? <span className={list.dim}>–</span>}</td>
              <td className={list.wide}>{scope.running === null ? <span className={list.dim}>–</span> : counted(scope.waiting)}</td>
              <td>{scope.concurrency?.toLocaleString('en-US') ?? <span className={list.dim}>None</span>}</td>
              <td className={`${list.end} ${list.last}`}>
                <GuardedButton
                  permission="limit:update"
                  size="compact-sm"
                  variant="subtle"
                  aria-label={`Change the limit of ${scope.name}`}
                  onClick={() => openModal({ modalId: 'limit', title: `Limit of “${scope.name}”`, children: <LimitForm scope={scope} /> })}
                >
                  Change
                </GuardedButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
