'use client';
import { IconChevronRight } from '@tabler/icons-react';
import Link from 'next/link';
import { Fragment } from 'react';
import classes from './shell.module.css';
import { TopBarSlot } from './top-bar-slot';

/** Where this page is: the last entry is the page itself. */
export function Crumbs({ items }: { items: { label: string; href?: string }[] }) {
  return (
    <TopBarSlot place="crumbs">
      <nav aria-label="Breadcrumb" className={classes.crumbs}>
        {items.map((item, index) => (
          <Fragment key={item.label}>
            <IconChevronRight size={14} aria-hidden className={classes.crumbMark} />
            {item.href && index < items.length - 1 ? (
              <Link href={item.href} className={classes.crumb}>
                {item.label}
              </Link>
            ) : (
              <span className={classes.crumb} aria-current="page">
                {item.label}
              </span>
            )}
          </Fragment>
        ))}
      </nav>
    </TopBarSlot>
  );
}
