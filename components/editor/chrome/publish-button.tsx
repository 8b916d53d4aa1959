'use client';
import { Button, Tooltip } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC, useTRPCClient } from '@/components/api/trpc-client';
import { toAwlDocument } from '@/core/workflow/to-awl-document';
import { canonicalText } from '../model/canonical-text';
import { say } from '../model/editor-actions';
import { messageOf } from '../model/error-message';
import { useStore } from '../model/use-store';
import { useSession, useWorkflow } from '../session-context';

/** Publishing the draft: why it is not possible now, or the deed. */
export function usePublish(): { reason: string | undefined; busy: boolean; publish: () => void } {
  const session = useSession();
  const client = useTRPCClient();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const workflow = useWorkflow();
  const published = useStore(session.published);
  const errors = useStore(session.problems, (now) => now.all.filter((problem) => problem.severity === 'error').length);
  const conflict = useStore(session.autosave.state, (state) => state.kind === 'conflict');
  const [busy, setBusy] = useState(false);
  const document = toAwlDocument(workflow);
  const unchanged = published.text !== undefined && canonicalText(document) === published.text;
  const reason = !session.access.publish
    ? `Your role here is ${session.access.role}: it may not publish.`
    : conflict
      ? 'Settle the conflict first: what you see is not what is saved.'
      : workflow.steps.length === 0
        ? 'Add a step first.'
        : errors > 0
          ? `Mend ${errors === 1 ? 'the problem' : `the ${errors} problems`} first.`
          : unchanged
            ? `Version ${published.version} is published and nothing has changed since.`
            : undefined;
  const publish = async () => {
    if (reason || busy) return;
    setBusy(true);
    try {
      await session.autosave.flush();
      await client.workflows.publish.mutate({ org: session.org, id: session.workflowId });
      const detail = await client.workflows.get.query({ org: session.org, id: session.workflowId });
      session.published.set({
        version: detail.version?.number,
        text: detail.version ? canonicalText(detail.version.document) : undefined,
        triggers: detail.triggers,
      });
      void queryClient.invalidateQueries({ queryKey: trpc.workflows.pathKey() });
      say(session, `Version ${detail.version?.number ?? ''} is published. Triggers and the API use it now.`);
    } catch (error) {
      say(session, `Not published: ${messageOf(error)}`);
    } finally {
      setBusy(false);
    }
  };
  return { reason, busy, publish: () => void publish() };
}

export function PublishButton() {
  const { reason, busy, publish } = usePublish();
  return (
    <Tooltip label={reason ?? 'Make this the version that triggers and the API run'} multiline maw={280}>
      <Button variant="default" loading={busy} onClick={publish} aria-disabled={reason ? true : undefined} data-disabled={reason ? true : undefined}>
        Publish
      </Button>
    </Tooltip>
  );
}
