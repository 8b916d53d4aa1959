'use client';
import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import classes from './state.module.css';

/** Something failed: what, the id by which the log knows it, and a way to try again. */
export function ErrorState({
  title = 'This did not work',
  message,
  errorId,
  onRetry,
}: {
  title?: string;
  message?: string;
  errorId?: string;
  onRetry?: () => void;
}) {
  return (
    <Stack align="center" gap="xs" className={classes.state} role="alert">
      <span className={classes.icon} data-tone="failed" aria-hidden>
        <IconAlertTriangle size={22} />
      </span>
      <Title order={2} fz={16}>
        {title}
      </Title>
      {message ? (
        <Text c="dimmed" maw={480} ta="center">
          {message}
        </Text>
      ) : null}
      {errorId ? (
        <Text size="sm" c="dimmed">
          Error id <Code>{errorId}</Code>
        </Text>
      ) : null}
      {onRetry ? (
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry} mt="xs">
          Try again
        </Button>
      ) : null}
    </Stack>
  );
}
