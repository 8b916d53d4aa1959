'use client';
import { Button, Group, NumberInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { closeModal } from '@mantine/modals';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';

export interface LimitedScope {
  /** absent: the organization itself */
  projectId?: string;
  name: string;
  concurrency: number | null;
}

/** A number of runs, or none for no limit. */
export function LimitForm({ scope }: { scope: LimitedScope }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form = useForm<{ concurrency: number | '' }>({ initialValues: { concurrency: scope.concurrency ?? '' } });
  const options = {
    onSuccess: (saved: { concurrency: number | null }) => {
      const { concurrency } = saved;
      notifyDone(concurrency === null ? `“${scope.name}” has no limit now.` : `“${scope.name}” runs ${concurrency.toLocaleString('en-US')} at a time now.`);
      closeModal('limit');
    },
    onError: (error: unknown) => form.setFieldError('concurrency', readApiError(error).message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.limits.get.queryKey({ org }) }),
  };
  const ofOrganization = useMutation(trpc.limits.setOrganization.mutationOptions(options));
  const ofProject = useMutation(trpc.limits.setProject.mutationOptions(options));
  const save = (value: number | '') => {
    const concurrency = value === '' ? null : value;
    if (scope.projectId) ofProject.mutate({ org, projectId: scope.projectId, concurrency });
    else ofOrganization.mutate({ org, concurrency });
  };
  return (
    <form onSubmit={form.onSubmit(({ concurrency }) => save(concurrency))}>
      <Stack gap="md">
        <NumberInput
          label="Runs at the same time"
          description="Empty: no limit. Runs that have begun go on."
          placeholder="No limit"
          min={1}
          max={100_000}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          data-autofocus
          {...form.getInputProps('concurrency')}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => closeModal('limit')}>
            Cancel
          </Button>
          <Button type="submit" loading={ofOrganization.isPending || ofProject.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
