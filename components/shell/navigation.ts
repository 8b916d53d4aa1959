import { IconHistory, IconHome, IconMailExclamation, IconSchema, IconSettings, IconUserCheck } from '@tabler/icons-react';

export interface Place {
  label: string;
  /** where there is little room */
  brief?: string;
  href: string;
  icon: typeof IconHome;
  /** whether this place holds `path` */
  holds(path: string): boolean;
  /** what is counted beside it */
  counts?: 'approvals' | 'dead letters';
}

/** The places of an organization, for the rail, the phone's bottom bar and the command palette. */
export function placesOf(org: string): Place[] {
  const under = (href: string) => (path: string) => path === href || path.startsWith(`${href}/`);
  const runs = (path: string) => path === `/${org}/runs` || path.startsWith(`/${org}/runs/`);
  return [
    { label: 'Home', href: `/${org}`, icon: IconHome, holds: (path) => path === `/${org}` },
    { label: 'Workflows', href: `/${org}/workflows`, icon: IconSchema, holds: under(`/${org}/workflows`) },
    { label: 'Runs', href: `/${org}/runs`, icon: IconHistory, holds: runs },
    { label: 'Approvals', href: `/${org}/approvals`, icon: IconUserCheck, holds: under(`/${org}/approvals`), counts: 'approvals' },
    {
      label: 'Dead letters',
      brief: 'Letters',
      href: `/${org}/dead-letters`,
      icon: IconMailExclamation,
      holds: under(`/${org}/dead-letters`),
      counts: 'dead letters',
    },
    { label: 'Settings', href: `/${org}/settings/general`, icon: IconSettings, holds: under(`/${org}/settings`) },
  ];
}

/** The editor wants the whole page: it has a rail of its own, and its main area does not scroll. */
export function isFullBleed(path: string): boolean {
  return /^\/[^/]+\/workflows\/[^/]+$/.test(path);
}
