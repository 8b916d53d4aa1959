'use client';
import { Alert, Button, Code, CopyButton, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { closeModal } from '@mantine/modals';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { type Role, roles } from '@/core/permissions';

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'Never' },
];

/** Makes a key and shows it this once. */
export function CreateApiKey() {
  const { slug: org, role: own } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const allowed = roles.filter((role) => roles.indexOf(role) >= roles.indexOf(own));
  const form = useForm({
    initialValues: { name: '', role: allowed.includes('editor') ? 'editor' : (allowed[0] ?? 'viewer'), days: '90' },
    validate: { name: (value) => (value.trim() ? null : 'Say what the key is for.') },
  });
  const create = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.apiKeys.list.queryKey({ org }) }),
      onError: (error) => form.setFieldError('name', readApiError(error).message),
    }),
  );
  if (create.data) return <ShownOnce apiKey={create.data.key} />;
  const submit = form.onSubmit(({ name, role, days }) =>
    create.mutate({ org, name: name.trim(), role: role as Role, ...(days ? { expiresInDays: Number(days) } : {}) }),
  );
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput label="Name" placeholder="Nightly import" data-autofocus {...form.getInputProps('name')} />
        <Select label="Role" description="What the key may do; not more than you may." data={allowed} {...form.getInputProps('role')} />
        <Select label="Expires" data={lifetimes} {...form.getInputProps('days')} />
        <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-end' }}>
          Create key
        </Button>
      </Stack>
    </form>
  );
}

function ShownOnce({ apiKey }: { apiKey: string }) {
  return (
    <Stack gap="sm">
      <Alert color="yellow" title="Copy it now">
        This is the only time the key is shown.
      </Alert>
      <Code block tabIndex={0} aria-label="Your new key" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {apiKey}
      </Code>
      <Text size="xs" c="dimmed">
        Send it as <Code>Authorization: Bearer …</Code> to <Code>/api/v1</Code>.
      </Text>
      <Group justify="flex-end">
        <CopyButton value={apiKey} timeout={2000}>
          {({ copied, copy }) => (
            <Button variant={copied ? 'light' : 'filled'} leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy} data-autofocus>
              {copied ? 'Copied' : 'Copy the key'}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={() => closeModal('api-key')}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
