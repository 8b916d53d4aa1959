'use client';
import { Alert, Button, FileButton, Group, List, Stack, Text, Textarea } from '@mantine/core';
import { closeModal, openModal } from '@mantine/modals';
import { IconAlertTriangle, IconFileText } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';
import classes from './workflows.module.css';

const modalId = 'import-workflow';

/** Opens the import form; it stands inside the providers of the organization's pages. */
export function openImport(): void {
  openModal({ modalId, title: 'Import a workflow', size: 'lg', children: <ImportForm /> });
}

const sample = `workflow:
  name: hello
  steps:
    - id: greet
      uses: transform
      with: {fields: {text: "'Hello ' + input.name"}}`;

function ImportForm() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [definition, setDefinition] = useState('');
  const mutation = useMutation(
    trpc.workflows.importAwl.mutationOptions({
      onSuccess: ({ id, problems }) => {
        void queryClient.invalidateQueries({ queryKey: trpc.workflows.list.pathKey() });
        closeModal(modalId);
        notifyDone(
          problems.length > 0 ? `Imported. ${problems.length} ${problems.length === 1 ? 'place needs' : 'places need'} a look.` : 'Imported as a draft.',
        );
        router.push(`/${org}/workflows/${id}`);
      },
    }),
  );
  const problems = (mutation.error?.data as { problems?: { path: string; message: string }[] } | null | undefined)?.problems ?? [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate({ org, definition });
      }}
    >
      <Stack gap="sm">
        <Text c="dimmed">A definition in AWL, as YAML or JSON. It becomes a draft; nothing runs until you publish it or press Run.</Text>
        {mutation.error ? (
          <Alert
            color="red"
            icon={<IconAlertTriangle size={18} />}
            role="alert"
            title={problems.length > 0 ? 'This is not a valid definition' : readApiError(mutation.error).message}
          >
            {problems.length > 0 ? (
              <List size="sm">
                {problems.slice(0, 8).map((problem) => (
                  <List.Item key={problem.path + problem.message}>
                    <code>{problem.path}</code> {problem.message}
                  </List.Item>
                ))}
              </List>
            ) : null}
          </Alert>
        ) : null}
        <Textarea
          label="Definition"
          placeholder={sample}
          value={definition}
          onChange={(event) => setDefinition(event.currentTarget.value)}
          autosize
          minRows={10}
          maxRows={20}
          spellCheck={false}
          data-autofocus
          classNames={{ input: classes.drop }}
        />
        <Group justify="space-between">
          <FileButton accept=".yaml,.yml,.json,application/json,application/yaml" onChange={(file) => void file?.text().then(setDefinition)}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFileText size={16} />}>
                Choose a file
              </Button>
            )}
          </FileButton>
          <Button type="submit" loading={mutation.isPending} disabled={!definition.trim()}>
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
