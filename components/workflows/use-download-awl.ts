'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyError } from '@/components/ui/notify';

/** Saves a workflow's draft as a file of YAML. */
export function useDownloadAwl(): (workflow: { id: string; slug: string }) => Promise<void> {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return async ({ id, slug }) => {
    try {
      const { awl } = await queryClient.fetchQuery({ ...trpc.workflows.exportAwl.queryOptions({ org, id, version: 'draft' }), staleTime: 0 });
      const address = URL.createObjectURL(new Blob([awl], { type: 'application/yaml' }));
      const link = Object.assign(document.createElement('a'), { href: address, download: `${slug}.awl.yaml` });
      link.click();
      URL.revokeObjectURL(address);
    } catch (error) {
      notifyError(error, 'The file was not made');
    }
  };
}
