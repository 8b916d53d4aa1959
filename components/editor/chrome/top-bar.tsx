'use client';
import { ActionIcon, Menu, SegmentedControl, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronRight,
  IconCode,
  IconDots,
  IconHistory,
  IconKeyboard,
  IconLayoutGrid,
  IconMoon,
  IconSettings,
  IconSun,
  IconUpload,
} from '@tabler/icons-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { TopBarSlot } from '@/components/shell/top-bar-slot';
import { tidyUp, updateUi } from '../model/editor-actions';
import { useStore } from '../model/use-store';
import { EditableTitle } from '../panel/panel-head';
import { RunButton } from '../run/run-button';
import { useSession, useWorkflow } from '../session-context';
import classes from './chrome.module.css';
import { PublishButton, usePublish } from './publish-button';
import { SaveStateLabel } from './save-state';

/** Where this is, whether it is saved, and what can be done with it: in the shell's top bar. */
export function EditorTopBar() {
  const session = useSession();
  const router = useRouter();
  const title = useWorkflow((workflow) => workflow.title || workflow.name);
  const base = `/${session.org}/workflows`;
  return (
    <>
      <TopBarSlot place="crumbs">
        <nav aria-label="Breadcrumb" className={classes.crumbs}>
          <Link href={base} className={classes.project}>
            {session.project.name}
          </Link>
          <IconChevronRight size={14} aria-hidden className={classes.mark} />
          {session.access.edit ? (
            <EditableTitle
              title={title}
              label="Title of the workflow"
              className={classes.title}
              onRename={(next) => session.draft.apply((workflow) => ({ ...workflow, title: next }), 'workflow.title')}
            />
          ) : (
            <span className={classes.title} aria-current="page">
              {title}
            </span>
          )}
          <SaveStateLabel />
        </nav>
      </TopBarSlot>
      <TopBarSlot place="center">
        <SegmentedControl
          className={classes.views}
          size="xs"
          aria-label="View"
          value="editor"
          data={[
            { value: 'editor', label: 'Editor' },
            { value: 'runs', label: 'Runs' },
          ]}
          onChange={(view) => view === 'runs' && router.push(`${base}/${session.workflowId}/runs`)}
        />
      </TopBarSlot>
      <TopBarSlot place="actions">
        <History />
        <ColorScheme />
        <span className={classes.wide}>
          <PublishButton />
        </span>
        <More />
        <RunButton />
      </TopBarSlot>
    </>
  );
}

function History() {
  const session = useSession();
  const past = useStore(session.draft.history, (history) => history.past.length > 0);
  const future = useStore(session.draft.history, (history) => history.future.length > 0);
  if (!session.access.edit) return null;
  return (
    <span className={classes.wide}>
      <Tooltip label="Undo (Ctrl+Z)">
        <ActionIcon aria-label="Undo" className={classes.bare} disabled={!past} onClick={() => session.draft.undo()}>
          <IconArrowBackUp size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Ctrl+Shift+Z)">
        <ActionIcon aria-label="Redo" className={classes.bare} disabled={!future} onClick={() => session.draft.redo()}>
          <IconArrowForwardUp size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Tidy up (T)">
        <ActionIcon aria-label="Tidy up" onClick={() => tidyUp(session)}>
          <IconLayoutGrid size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: true });
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <span className={classes.wide}>
      <Tooltip label={`Switch to ${other}`}>
        <ActionIcon aria-label={`Switch to ${other}`} onClick={() => setColorScheme(other)}>
          {other === 'dark' ? <IconMoon size={18} stroke={1.7} /> : <IconSun size={18} stroke={1.7} />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}

/** On a phone, everything that has no room in the bar. */
function More() {
  const session = useSession();
  const router = useRouter();
  const publish = usePublish();
  const open = (panel: 'workflow' | 'runs' | 'awl') => updateUi(session, { panel, selected: [] });
  return (
    <span className={classes.narrow}>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon aria-label="More">
            <IconDots size={18} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUpload size={16} />} disabled={publish.reason !== undefined} onClick={publish.publish}>
            Publish
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => session.draft.undo()} disabled={!session.access.edit}>
            Undo
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowForwardUp size={16} />} onClick={() => session.draft.redo()} disabled={!session.access.edit}>
            Redo
          </Menu.Item>
          <Menu.Item leftSection={<IconLayoutGrid size={16} />} onClick={() => tidyUp(session)} disabled={!session.access.edit}>
            Tidy up
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => open('runs')}>
            Latest runs
          </Menu.Item>
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => router.push(`/${session.org}/workflows/${session.workflowId}/runs`)}>
            All runs
          </Menu.Item>
          <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => open('workflow')}>
            Workflow settings
          </Menu.Item>
          <Menu.Item leftSection={<IconCode size={16} />} onClick={() => open('awl')}>
            AWL
          </Menu.Item>
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => updateUi(session, { dialog: 'shortcuts' })}>
            Shortcuts
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
