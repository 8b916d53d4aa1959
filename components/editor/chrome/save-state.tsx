'use client';
import { Button, Popover, UnstyledButton } from '@mantine/core';
import { IconCloudOff, IconGitMerge, IconLock } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPCClient } from '@/components/api/trpc-client';
import { toAwlDocument } from '@/core/workflow/to-awl-document';
import { say } from '../model/editor-actions';
import { messageOf } from '../model/error-message';
import { loadServerDraft } from '../model/load-server-draft';
import type { Rescue } from '../model/session';
import { useStore } from '../model/use-store';
import { useSession } from '../session-context';
import classes from './chrome.module.css';

/** Whether the edits are safe, in a word; a conflict opens its two ways out. */
export function SaveStateLabel() {
  const session = useSession();
  const state = useStore(session.autosave.state);
  const rescue = useStore(session.rescue);
  if (!session.access.edit) {
    return (
      <span className={classes.save} title={`Your role here is ${session.access.role}: it may not edit.`}>
        <IconLock size={14} aria-hidden /> Read only
      </span>
    );
  }
  if (state.kind === 'conflict') return <Conflict />;
  if (rescue) return <RescueOffer rescue={rescue} />;
  if (state.kind === 'offline') {
    return (
      <UnstyledButton
        className={classes.save}
        data-tone="waiting"
        title={`${state.message} Your edits are kept in this browser.`}
        onClick={() => session.autosave.retry()}
      >
        <IconCloudOff size={14} aria-hidden /> Offline, will retry
      </UnstyledButton>
    );
  }
  if (state.kind === 'refused') {
    return (
      <span className={classes.save} data-tone="failed" title={state.message}>
        <IconCloudOff size={14} aria-hidden /> Not saved: {state.message}
      </span>
    );
  }
  return <span className={classes.save}>{state.kind === 'saving' ? 'Saving…' : 'Saved'}</span>;
}

/** Edits that lie in this browser and were never saved: taken up or thrown away, when the person says so. */
function RescueOffer({ rescue }: { rescue: Rescue }) {
  const session = useSession();
  const done = (restore: boolean) => {
    if (restore) session.draft.replace(rescue.workflow);
    rescue.forget();
    session.rescue.set(undefined);
  };
  return (
    <Popover width={300} position="bottom-start" withArrow shadow="md" defaultOpened>
      <Popover.Target>
        <UnstyledButton className={classes.save} data-tone="waiting">
          <IconGitMerge size={14} aria-hidden /> Unsaved edits
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.conflict}>
          Unsaved edits from another tab, {new Date(rescue.at).toLocaleString()}.
          {rescue.current ? '' : ' The workflow was saved by somebody since: restoring replaces what you see now. You can undo it.'}
        </p>
        <div className={classes.ways}>
          <Button size="xs" variant="default" onClick={() => done(false)}>
            Discard
          </Button>
          <Button size="xs" onClick={() => done(true)}>
            Restore
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Somebody else saved first: take theirs, or keep mine as a workflow of its own. Neither loses anything without being asked. */
function Conflict() {
  const session = useSession();
  const client = useTRPCClient();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const guarded = async (act: () => Promise<void>) => {
    setBusy(true);
    try {
      await act();
    } catch (error) {
      say(session, messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const takeTheirs = () => guarded(() => loadServerDraft(session, client, 'always'));
  const keepAsCopy = () =>
    guarded(async () => {
      const mine = session.draft.workflow.get();
      const copy = { ...mine, name: `${mine.name.slice(0, 52)}-copy`, title: `${mine.title || mine.name} (copy)` };
      const made = await client.workflows.importAwl.mutate({ org: session.org, project: session.project.slug, definition: toAwlDocument(copy) });
      const detail = await client.workflows.get.query({ org: session.org, id: session.workflowId });
      session.autosave.settle(detail.draft.revision);
      router.push(`/${session.org}/workflows/${made.id}`);
    });
  return (
    <Popover width={300} position="bottom-start" withArrow shadow="md" defaultOpened>
      <Popover.Target>
        <UnstyledButton className={classes.save} data-tone="failed">
          <IconGitMerge size={14} aria-hidden /> Conflict
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.conflict}>Somebody else, or another tab, changed this workflow. Your edits are kept in this browser.</p>
        <div className={classes.ways}>
          <Button size="xs" variant="default" loading={busy} onClick={() => void takeTheirs()}>
            Load theirs
          </Button>
          <Button size="xs" loading={busy} onClick={() => void keepAsCopy()}>
            Save mine as a copy
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
