'use client';
import { Alert, Button, Stack } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { callApi } from '@/components/ui/call-api';
import type { Role } from '@/core/permissions';

/** Joins the organization of an invitation and goes there. */
export function AcceptInvitation({ token, organization, role }: { token: string; organization: string; role: Role }) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const ready = useMounted();
  const join = async () => {
    setBusy(true);
    const answer = await callApi<{ slug: string }>('organizations.acceptInvitation', { token });
    if (answer.ok) return window.location.assign(`/${answer.data.slug}`);
    setError(answer.message);
    setBusy(false);
  };
  return (
    <Stack gap="sm">
      {error ? (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
          {error}
        </Alert>
      ) : null}
      <Button onClick={join} loading={busy} disabled={!ready} fullWidth style={{ height: 'auto', minHeight: 36 }}>
        Join {organization} as {role}
      </Button>
    </Stack>
  );
}
