'use client';
import { Group, NumberInput, Progress, Radio, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { openConfirmModal } from '@mantine/modals';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { formatBytes } from '@/components/ui/format-bytes';
import { notifyDone } from '@/components/ui/notify';
import { QueryState } from '@/components/ui/query-state';

type Retention = ApiOutputs['retention']['get'];

/** How long runs are kept, and what they take. */
export function RetentionSettings() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery(trpc.retention.get.queryOptions({ org }));
  return (
    <QueryState query={query} rows={3}>
      {(retention) => (
        <Stack gap="xl" maw={520}>
          <Policy key={String(retention.runDays)} retention={retention} />
          <Storage retention={retention} />
        </Stack>
      )}
    </QueryState>
  );
}

function Policy({ retention }: { retention: Retention }) {
  const { slug: org, can } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form = useForm<{ keep: 'days' | 'ever'; days: number | '' }>({
    initialValues: { keep: retention.runDays === null ? 'ever' : 'days', days: retention.runDays ?? retention.standardDays ?? 90 },
    validate: {
      days: (days, { keep }) =>
        keep === 'days' && !(Number.isInteger(days) && Number(days) >= 1 && Number(days) <= 36_500) ? 'Give whole days, at least one.' : null,
    },
  });
  const save = useMutation(
    trpc.retention.set.mutationOptions({
      onSuccess: async () => {
        notifyDone('How long runs are kept is changed.');
        await queryClient.invalidateQueries({ queryKey: trpc.retention.get.queryKey({ org }) });
      },
      onError: (error) => form.setFieldError('days', readApiError(error).message),
    }),
  );
  const readOnly = !can('organization:update');
  const submit = ({ keep, days }: typeof form.values) => {
    const runDays = keep === 'ever' ? null : Number(days);
    const shorter = runDays !== null && (retention.runDays === null || runDays < retention.runDays);
    if (!shorter) return save.mutate({ org, runDays });
    openConfirmModal({
      title: `Keep runs for ${runDays} ${runDays === 1 ? 'day' : 'days'}?`,
      children: 'Older runs are removed for good within a day, with their logs and files. How many there were, how they ended and what they cost stays.',
      labels: { confirm: 'Keep them shorter', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => save.mutate({ org, runDays }),
    });
  };
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack gap="md" align="flex-start">
        <Radio.Group label="Keep runs" {...form.getInputProps('keep')}>
          <Stack gap="sm" mt="xs">
            <Radio value="days" label="For some time" disabled={readOnly} />
            {form.values.keep === 'days' ? (
              <Group gap="xs" ml={32} align="flex-start" wrap="nowrap">
                <NumberInput
                  aria-label="Days that runs are kept"
                  w={120}
                  min={1}
                  max={36_500}
                  allowDecimal={false}
                  readOnly={readOnly}
                  {...form.getInputProps('days')}
                />
                <Text mt={6}>days</Text>
              </Group>
            ) : null}
            <Radio value="ever" label="For ever" disabled={readOnly} />
          </Stack>
        </Radio.Group>
        <Text size="sm" c="dimmed">
          After that a run is removed with its log and files. What stays are counts a day: runs, how they ended, how long they took and what they cost.
          {retention.removedRuns > 0 ? ` ${retention.removedRuns.toLocaleString('en')} runs were removed so far.` : ''}
        </Text>
        <GuardedButton permission="organization:update" type="submit" loading={save.isPending} disabled={!readOnly && !form.isDirty()}>
          Save
        </GuardedButton>
        {readOnly ? (
          <Text size="sm" c="dimmed">
            Only owners and admins may change how long runs are kept.
          </Text>
        ) : null}
      </Stack>
    </form>
  );
}

function Storage({ retention: { storage } }: { retention: Retention }) {
  const share = storage.limitBytes > 0 ? Math.min(100, (storage.bytes / storage.limitBytes) * 100) : 100;
  return (
    <section aria-label="Storage">
      <Text fw={600} mb={6}>
        Storage
      </Text>
      <Progress value={share} color={share > 90 ? 'red' : undefined} aria-label="Share of the storage that is used" />
      <Text size="sm" c="dimmed" mt={6}>
        {formatBytes(storage.bytes)} of {formatBytes(storage.limitBytes)} used by {storage.files.toLocaleString('en')}{' '}
        {storage.files === 1 ? 'file or large result' : 'files and large results'} of runs.
        {share > 90 ? ' When it is full, steps that write files fail.' : ''}
      </Text>
    </section>
  );
}
