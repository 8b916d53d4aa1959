'use client';
import { Button, Group } from '@mantine/core';
import { hideNotification, showNotification } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { readApiError } from './api-error';

/** A short word that something worked, with an undo where there is one. */
export function notifyDone(message: string, undo?: () => void): void {
  const id = `done-${message}-${Date.now().toString(36)}`;
  showNotification({
    id,
    icon: <IconCheck size={16} />,
    color: 'green',
    closeButtonProps: { 'aria-label': 'Close' },
    autoClose: undo ? 10_000 : 4_000,
    message: undo ? (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            hideNotification(id);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

/** A call failed: says what, and the id of the log entry when it was not expected. */
export function notifyError(error: unknown, title = 'That did not work'): void {
  const { message, errorId } = readApiError(error);
  showNotification({
    title,
    message: errorId ? `${message} Error id ${errorId}` : message,
    color: 'red',
    icon: <IconAlertTriangle size={16} />,
    closeButtonProps: { 'aria-label': 'Close' },
    autoClose: 10_000,
  });
}
