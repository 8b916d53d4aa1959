'use client';
import { Alert, Button, PasswordInput, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { closeModal } from '@mantine/modals';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ApiInputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';
import { type CredentialKind, credentialKinds } from './kinds';

interface Values {
  kind: CredentialKind;
  name: string;
  baseUrl: string;
  models: string[];
  hosts: string[];
  header: string;
  username: string;
  secret: string;
}
type Input = ApiInputs['credentials']['create'];
type Form = UseFormReturnType<Values>;

/** What the API takes for each kind; the one secret field goes where the kind wants it. */
function toInput(org: string, values: Values): Input {
  const { kind, baseUrl, models, hosts, header, username, secret } = values;
  const name = values.name.trim();
  if (kind === 'openai-compatible') return { org, credential: { kind, name, baseUrl: baseUrl.trim(), apiKey: secret, models } };
  if (kind === 'bearer') return { org, credential: { kind, name, hosts, token: secret } };
  if (kind === 'header') return { org, credential: { kind, name, hosts, header: header.trim(), value: secret } };
  return { org, credential: { kind, name, hosts, username: username.trim(), password: secret } };
}

const fieldOf: Record<string, keyof Values> = { apiKey: 'secret', token: 'secret', value: 'secret', password: 'secret' };

/** Seals a secret. It is never shown again, and is only sent to the hosts named here. */
export function CreateCredential() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form: Form = useForm<Values>({
    initialValues: { kind: 'openai-compatible', name: '', baseUrl: '', models: [], hosts: [], header: 'X-Api-Key', username: '', secret: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Give it a name.'),
      secret: (value) => (value ? null : 'Put the secret here.'),
      baseUrl: (value, { kind }) => (kind !== 'openai-compatible' || URL.canParse(value) ? null : 'An address like https://api.openai.com/v1'),
      hosts: (value, { kind }) => (kind === 'openai-compatible' || value.length > 0 ? null : 'Name at least one host, then press Enter.'),
    },
  });
  const create = useMutation(
    trpc.credentials.create.mutationOptions({
      onSuccess: async ({ name }) => {
        closeModal('credential');
        notifyDone(`“${name}” is sealed and ready.`);
        await Promise.all([
          queryClient.invalidateQueries({ queryKey: trpc.credentials.list.queryKey({ org }) }),
          queryClient.invalidateQueries({ queryKey: trpc.models.list.queryKey({ org }) }),
        ]);
      },
      onError: (error) => {
        const problems = (error.data as { problems?: { path: string; message: string }[] } | null | undefined)?.problems ?? [];
        for (const { path, message } of problems) {
          const top = path.replace(/^credential\./, '').split(/[.[]/)[0] ?? '';
          form.setFieldError(fieldOf[top] ?? top, message);
        }
      },
    }),
  );
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(toInput(org, values)))} autoComplete="off">
      <Stack gap="sm">
        {create.error ? (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
            {readApiError(create.error).message}
          </Alert>
        ) : null}
        <Select label="Kind" data={[...credentialKinds]} {...form.getInputProps('kind')} />
        <TextInput label="Name" description="Steps refer to it by this name." placeholder="Acme models" data-autofocus {...form.getInputProps('name')} />
        <KindFields form={form} />
        <PasswordInput
          label={secretLabel(form.values.kind)}
          description="Sealed at once and never shown again."
          autoComplete="off"
          {...form.getInputProps('secret')}
        />
        <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-end' }}>
          Save credential
        </Button>
      </Stack>
    </form>
  );
}

function secretLabel(kind: CredentialKind): string {
  return { 'openai-compatible': 'API key', bearer: 'Token', header: 'Value', basic: 'Password' }[kind];
}

function KindFields({ form }: { form: Form }) {
  const { kind } = form.values;
  if (kind === 'openai-compatible') {
    return (
      <>
        <TextInput
          label="Base address"
          description="The key is only ever sent to this host."
          placeholder="https://api.openai.com/v1"
          type="url"
          {...form.getInputProps('baseUrl')}
        />
        <TagsInput
          label="Models"
          description="Optional: names to offer besides those the provider lists. Enter adds one."
          placeholder="gpt-5-mini"
          {...form.getInputProps('models')}
        />
      </>
    );
  }
  return (
    <>
      {kind === 'header' ? <TextInput label="Header" placeholder="X-Api-Key" {...form.getInputProps('header')} /> : null}
      {kind === 'basic' ? <TextInput label="User name" autoComplete="off" {...form.getInputProps('username')} /> : null}
      <TagsInput label="Hosts" description="It is only ever sent to these. Enter adds one." placeholder="api.example.com" {...form.getInputProps('hosts')} />
    </>
  );
}
