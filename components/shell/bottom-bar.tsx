'use client';
import { UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { isFullBleed, placesOf } from './navigation';
import { useOrganization } from './organization-context';
import { PlaceCount } from './place-count';
import classes from './shell.module.css';

/** On a phone the rail lies at the bottom, each icon with its word; the editor keeps the whole height. */
export function BottomBar() {
  const { slug } = useOrganization();
  const path = usePathname();
  if (isFullBleed(path)) return null;
  return (
    <nav aria-label="Main, phone" className={classes.bottom}>
      {placesOf(slug).map((place) => (
        <Link key={place.href} href={place.href} className={classes.bottomPlace} aria-current={place.holds(path) ? 'page' : undefined}>
          <place.icon size={22} stroke={1.7} aria-hidden />
          {place.brief ?? place.label}
          <PlaceCount of={place.counts} />
        </Link>
      ))}
      <UnstyledButton className={classes.bottomPlace} onClick={() => spotlight.open()}>
        <IconSearch size={22} stroke={1.7} aria-hidden />
        Search
      </UnstyledButton>
    </nav>
  );
}
