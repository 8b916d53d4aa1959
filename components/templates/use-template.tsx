'use client';
import { Alert, Button, Group, Select } from '@mantine/core';
import { IconAlertTriangle, IconCopyPlus } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { callApi } from '@/components/ui/call-api';
import { ButtonLink } from '@/components/ui/link';
import { type Role, roleGrants } from '@/core/permissions';

interface Organization {
  slug: string;
  name: string;
  role: Role;
}

/** Copies a template into an organization of the signed-in person and opens it; strangers are led to sign up first. */
export function UseTemplate({ slug, awl, organizations, chosen }: { slug: string; awl: string; organizations: Organization[] | null; chosen?: string }) {
  const router = useRouter();
  const able = (organizations ?? []).filter(({ role }) => roleGrants(role, 'workflow:create'));
  const [org, setOrg] = useState(able.find((one) => one.slug === chosen)?.slug ?? able[0]?.slug ?? '');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  if (!organizations) {
    return (
      <ButtonLink href={`/signup?next=${encodeURIComponent(`/store/${slug}`)}`} leftSection={<IconCopyPlus size={16} />}>
        Use this workflow
      </ButtonLink>
    );
  }
  if (able.length === 0) return <Alert color="yellow">Your role does not include “workflow:create”. An owner or admin can change your role.</Alert>;
  const install = async () => {
    setBusy(true);
    setError(null);
    const answer = await callApi<{ id: string }>('workflows.importAwl', { org, definition: awl });
    if (answer.ok) return router.push(`/${org}/workflows/${answer.data.id}`);
    setError(answer.message);
    setBusy(false);
  };
  return (
    <>
      <Group gap="xs">
        {able.length > 1 ? (
          <Select
            aria-label="Organization"
            w={180}
            data={able.map(({ slug: value, name }) => ({ value, label: name }))}
            value={org}
            onChange={(value) => setOrg(value ?? '')}
          />
        ) : null}
        <Button leftSection={<IconCopyPlus size={16} />} loading={busy} onClick={() => void install()}>
          Use this workflow
        </Button>
      </Group>
      {error ? (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert" mt="sm">
          {error}
        </Alert>
      ) : null}
    </>
  );
}
