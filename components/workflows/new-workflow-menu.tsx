'use client';
import { Button, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { IconBuildingStore, IconFileImport, IconPlus, IconSchema } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyError } from '@/components/ui/notify';
import { openImport } from './import-workflow';
import classes from './workflows.module.css';

/** Makes a blank workflow and opens it in the editor. */
export function useCreateWorkflow(): { create: (project?: string) => void; busy: boolean } {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const mutation = useMutation(
    trpc.workflows.create.mutationOptions({
      onSuccess: ({ id }) => {
        void queryClient.invalidateQueries({ queryKey: trpc.workflows.list.pathKey() });
        router.push(`/${org}/workflows/${id}`);
      },
      onError: (error) => notifyError(error, 'The workflow was not created'),
    }),
  );
  return { create: (project) => mutation.mutate({ org, ...(project ? { project } : {}) }), busy: mutation.isPending };
}

/** The one "New workflow" menu: blank, from a template, from a file. The rail has it on wide screens, `phone` shows it only where there is no rail. */
export function NewWorkflowMenu({ look }: { look: 'icon' | 'rail' | 'button' | 'phone' }) {
  const { slug, can, whyNot } = useOrganization();
  const { create, busy } = useCreateWorkflow();
  const allowed = can('workflow:create');
  const label = allowed ? 'New workflow' : whyNot('workflow:create');
  const target =
    look === 'button' || look === 'phone' ? (
      <Button
        hiddenFrom={look === 'phone' ? 'sm' : undefined}
        leftSection={<IconPlus size={16} />}
        loading={busy}
        aria-disabled={!allowed}
        data-disabled={!allowed || undefined}
      >
        New workflow
      </Button>
    ) : (
      <UnstyledButton className={classes.new} data-look={look} aria-label="New workflow" aria-disabled={!allowed} data-disabled={!allowed || undefined}>
        <IconPlus size={20} stroke={2} />
        {look === 'rail' ? <span>New workflow</span> : null}
      </UnstyledButton>
    );
  const tipped = (
    <Tooltip label={label} disabled={look !== 'icon' && allowed} position={target.type === Button ? 'bottom' : 'right'} multiline maw={280}>
      {target}
    </Tooltip>
  );
  if (!allowed) return tipped;
  return (
    <Menu position={target.type === Button ? 'bottom-end' : 'right-start'} width={240}>
      <Menu.Target>{tipped}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSchema size={16} />} onClick={() => create()}>
          Blank workflow
        </Menu.Item>
        <Menu.Item leftSection={<IconBuildingStore size={16} />} component={Link} href={`/store?org=${slug}`}>
          From a template
        </Menu.Item>
        <Menu.Item leftSection={<IconFileImport size={16} />} onClick={() => openImport()}>
          Import AWL
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
