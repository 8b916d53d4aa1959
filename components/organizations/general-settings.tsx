'use client';
import { Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';

/** The organization's name; its slug, which stands in every address, stays. */
export function GeneralSettings() {
  const { slug: org, name, can } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const form = useForm({ initialValues: { name }, validate: { name: (value) => (value.trim() ? null : 'Give it a name.') } });
  const rename = useMutation(
    trpc.organizations.rename.mutationOptions({
      onSuccess: () => {
        notifyDone('The name is changed.');
        form.resetDirty();
        router.refresh();
      },
      onError: (error) => form.setFieldError('name', readApiError(error).message),
    }),
  );
  const readOnly = !can('organization:update');
  return (
    <form onSubmit={form.onSubmit((values) => rename.mutate({ org, name: values.name.trim() }))}>
      <Stack gap="md" maw={440} align="flex-start">
        <TextInput label="Name" w="100%" maxLength={80} readOnly={readOnly} {...form.getInputProps('name')} />
        <TextInput label="Address" description="Stands in every link, so it does not change." w="100%" value={`/${org}`} readOnly variant="filled" />
        <GuardedButton permission="organization:update" type="submit" loading={rename.isPending} disabled={!readOnly && !form.isDirty()}>
          Save
        </GuardedButton>
        {readOnly ? (
          <Text size="sm" c="dimmed">
            Only owners and admins may rename the organization.
          </Text>
        ) : null}
      </Stack>
    </form>
  );
}
