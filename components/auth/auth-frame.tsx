import { Text, Title } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { LogoMark } from '@/components/ui/logo';
import classes from './auth.module.css';

/** The quiet page around the sign-in and sign-up forms. */
export function AuthFrame({ title, lead, children, foot }: { title: string; lead: string; children: ReactNode; foot: ReactNode }) {
  return (
    <main className={classes.frame}>
      <div className={classes.box}>
        <Link href="/" className={classes.brand} aria-label="Heddle, home">
          <LogoMark size={36} />
        </Link>
        <Title order={1} ta="center">
          {title}
        </Title>
        <Text c="dimmed" ta="center" mb="lg">
          {lead}
        </Text>
        <div className={classes.card}>{children}</div>
        <Text ta="center" mt="md" c="dimmed">
          {foot}
        </Text>
      </div>
    </main>
  );
}
