'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyDone, notifyError } from '@/components/ui/notify';

/** Deletes a workflow at once and offers to undo it. */
export function useDeleteWorkflow(onDeleted?: () => void): (workflow: { id: string; title: string }) => void {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: trpc.workflows.list.pathKey() }),
      queryClient.invalidateQueries({ queryKey: trpc.projects.list.pathKey() }),
    ]);
  const restore = useMutation(
    trpc.workflows.restore.mutationOptions({ onSuccess: refresh, onError: (error) => notifyError(error, 'It could not be brought back') }),
  );
  const remove = useMutation(trpc.workflows.delete.mutationOptions({ onError: (error) => notifyError(error, 'It was not deleted') }));
  return ({ id, title }) =>
    remove.mutate(
      { org, id },
      {
        onSuccess: async () => {
          notifyDone(`“${title}” is deleted.`, () => restore.mutate({ org, id }));
          onDeleted?.();
          await refresh();
        },
      },
    );
}
