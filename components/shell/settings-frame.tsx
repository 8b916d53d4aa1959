'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { Crumbs } from './crumbs';
import { useOrganization } from './organization-context';
import classes from './settings-frame.module.css';

const pages = [
  { path: 'general', label: 'General' },
  { path: 'members', label: 'Members' },
  { path: 'api-keys', label: 'API keys' },
  { path: 'credentials', label: 'Credentials' },
  { path: 'limits', label: 'Limits' },
  { path: 'retention', label: 'Retention' },
  { path: 'circuits', label: 'Circuit breakers' },
  { path: 'audit', label: 'Audit log' },
] as const;

/** The settings of an organization: their pages at the left (above on a phone), the chosen one beside. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const { slug } = useOrganization();
  const path = usePathname();
  const here = pages.find((page) => path.endsWith(`/settings/${page.path}`));
  return (
    <>
      <Crumbs items={[{ label: 'Settings', href: `/${slug}/settings/general` }, ...(here ? [{ label: here.label }] : [])]} />
      <div className={classes.frame}>
        <nav aria-label="Settings" className={classes.nav}>
          {pages.map((page) => (
            <Link key={page.path} href={`/${slug}/settings/${page.path}`} className={classes.link} aria-current={page === here ? 'page' : undefined}>
              {page.label}
            </Link>
          ))}
        </nav>
        <div className={classes.body}>{children}</div>
      </div>
    </>
  );
}
