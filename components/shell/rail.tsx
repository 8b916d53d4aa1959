'use client';
import { Kbd, Tooltip, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconBook, IconBuildingStore, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { NewWorkflowMenu } from '@/components/workflows/new-workflow-menu';
import { placesOf } from './navigation';
import { useOrganization } from './organization-context';
import { PlaceCount } from './place-count';
import classes from './shell.module.css';

/** The places of the organization: icons with labels, folded to icons with tooltips when asked to. */
export function Rail({ open, onToggle }: { open: boolean; onToggle: () => void }) {
  const { slug } = useOrganization();
  const path = usePathname();
  return (
    <nav aria-label="Main" className={classes.rail}>
      <NewWorkflowMenu look={open ? 'rail' : 'icon'} />
      <RailTip label="Search" open={open}>
        <UnstyledButton
          className={classes.place}
          onClick={() => spotlight.open()}
          aria-label={open ? undefined : 'Search'}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <IconSearch size={20} stroke={1.7} />
          <span>Search</span>
          <Kbd size="xs" className={classes.keys}>
            Ctrl K
          </Kbd>
        </UnstyledButton>
      </RailTip>
      {placesOf(slug).map((place) => (
        <RailTip key={place.href} label={place.label} open={open}>
          <Link href={place.href} className={classes.place} aria-current={place.holds(path) ? 'page' : undefined} aria-label={open ? undefined : place.label}>
            <place.icon size={20} stroke={1.7} />
            <span>{place.label}</span>
            <PlaceCount of={place.counts} />
          </Link>
        </RailTip>
      ))}
      <div className={classes.railEnd}>
        <RailTip label="Templates" open={open}>
          <Link href="/store" className={classes.place} aria-label={open ? undefined : 'Templates'}>
            <IconBuildingStore size={20} stroke={1.7} />
            <span>Templates</span>
          </Link>
        </RailTip>
        <RailTip label="Docs" open={open}>
          <Link href="/docs" className={classes.place} aria-label={open ? undefined : 'Docs'}>
            <IconBook size={20} stroke={1.7} />
            <span>Docs</span>
          </Link>
        </RailTip>
        <RailTip label={open ? 'Fold' : 'Unfold'} open={open}>
          <UnstyledButton className={classes.place} onClick={onToggle} aria-expanded={open} aria-label={open ? undefined : 'Unfold the menu'}>
            {open ? <IconLayoutSidebarLeftCollapse size={20} stroke={1.7} /> : <IconLayoutSidebarLeftExpand size={20} stroke={1.7} />}
            <span>Fold the menu</span>
          </UnstyledButton>
        </RailTip>
      </div>
    </nav>
  );
}

function RailTip({ label, open, children }: { label: string; open: boolean; children: ReactNode }) {
  return (
    <Tooltip label={label} position="right" disabled={open} openDelay={150}>
      {children}
    </Tooltip>
  );
}
