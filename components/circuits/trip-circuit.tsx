'use client';
import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconHandStop } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';

/** Stops calls to a target by hand, for a while. */
export function TripCircuit() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const form = useForm({ initialValues: { target: '', minutes: 60 } });
  const trip = useMutation(
    trpc.circuits.trip.mutationOptions({
      onSuccess: ({ target }) => {
        notifyDone(`Calls to ${target} are stopped.`);
        form.reset();
        close();
      },
      onError: (error) => form.setFieldError('target', readApiError(error).message),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.circuits.list.queryKey({ org }) }),
    }),
  );
  const submit = ({ target, minutes }: { target: string; minutes: number }) =>
    trip.mutate({ org, target: target.includes(':') && /^(host|model|credential):/.test(target) ? target : `host:${target.trim()}`, minutes });
  return (
    <>
      <GuardedButton permission="circuit:trip" variant="default" size="xs" leftSection={<IconHandStop size={14} />} onClick={open}>
        Stop calls to…
      </GuardedButton>
      <Modal opened={opened} onClose={close} title="Stop calls to a host or model" closeButtonProps={{ 'aria-label': 'Close' }}>
        <form onSubmit={form.onSubmit(submit)}>
          <Stack gap="md">
            <TextInput
              label="Target"
              description="A host, or a model as model:openai/gpt-5. Steps that call it fail at once, and are retried after that time."
              placeholder="api.example.com"
              required
              data-autofocus
              {...form.getInputProps('target')}
            />
            <NumberInput label="For how many minutes" min={1} max={1440} allowDecimal={false} required {...form.getInputProps('minutes')} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" color="red" loading={trip.isPending}>
                Stop calls
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
