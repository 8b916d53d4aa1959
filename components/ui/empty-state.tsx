import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './state.module.css';

/** Nothing here yet: says why, and offers the one thing to do next. */
export function EmptyState({ icon, title, children, action }: { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" className={`${classes.state} ${classes.empty}`}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <Title order={2} fz={16}>
        {title}
      </Title>
      {children ? (
        <Text c="dimmed" maw={440} ta="center">
          {children}
        </Text>
      ) : null}
      {action ? <div className={classes.action}>{action}</div> : null}
    </Stack>
  );
}
