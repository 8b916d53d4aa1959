'use client';
import { Button, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { closeModal, openModal } from '@mantine/modals';
import { IconFolder, IconFolderPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';
import { QueryState } from '@/components/ui/query-state';
import classes from './projects.module.css';

type Projects = ApiOutputs['projects']['list'];

/** The projects of the organization as cards. */
export function ProjectCards({ initial }: { initial: Projects | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.projects.list.queryOptions({ org }), initialData: initial });
  return (
    <QueryState query={query} rows={1}>
      {(projects) => (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
          {projects.map((project) => (
            <Link key={project.id} href={`/${org}/workflows?project=${project.slug}`} className={classes.card}>
              <IconFolder size={20} stroke={1.7} aria-hidden className={classes.icon} />
              <span style={{ minWidth: 0 }}>
                <b className={classes.name}>{project.name}</b>
                <small className={classes.count}>
                  {project.workflows} {project.workflows === 1 ? 'workflow' : 'workflows'}
                </small>
              </span>
            </Link>
          ))}
        </SimpleGrid>
      )}
    </QueryState>
  );
}

/** A heading of a part of the home page, with what belongs to it at the right. */
export function HomeSection({ title, side, children }: { title: string; side?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.head}>
        <Title order={2}>{title}</Title>
        {side}
      </div>
      {children}
    </section>
  );
}

/** Opens the form for a new project. */
export function NewProjectButton() {
  return (
    <GuardedButton
      permission="project:create"
      variant="default"
      leftSection={<IconFolderPlus size={16} />}
      onClick={() => openModal({ modalId: 'new-project', title: 'New project', children: <NewProjectForm /> })}
    >
      New project
    </GuardedButton>
  );
}

function NewProjectForm() {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { name: '' }, validate: { name: (value) => (value.trim() ? null : 'Give it a name.') } });
  const mutation = useMutation(
    trpc.projects.create.mutationOptions({
      onSuccess: async ({ name }) => {
        closeModal('new-project');
        notifyDone(`Project “${name}” is there.`);
        await queryClient.invalidateQueries({ queryKey: trpc.projects.list.pathKey() });
      },
      onError: (error) => form.setFieldError('name', readApiError(error).message),
    }),
  );
  return (
    <form onSubmit={form.onSubmit(({ name }) => mutation.mutate({ org, name: name.trim() }))}>
      <Stack gap="sm">
        <Text c="dimmed">A project is a folder of workflows that belong together.</Text>
        <TextInput label="Name" placeholder="Sales" data-autofocus {...form.getInputProps('name')} />
        <Button type="submit" loading={mutation.isPending} style={{ alignSelf: 'flex-end' }}>
          Create project
        </Button>
      </Stack>
    </form>
  );
}
