'use client';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCode, IconHistory, IconPlus, IconSearch, IconSettings } from '@tabler/icons-react';
import { targetOfSelection } from '../canvas/use-canvas-keys';
import { updateUi } from '../model/editor-actions';
import { useSession, useUi } from '../session-context';
import classes from './chrome.module.css';

/** The editor's own tools, at the canvas' left edge. */
export function Rail() {
  const session = useSession();
  const panel = useUi((ui) => ui.panel);
  const palette = useUi((ui) => ui.palette !== undefined);
  const toggle = (wanted: 'workflow' | 'runs' | 'awl') => updateUi(session, { panel: panel === wanted ? 'closed' : wanted, selected: [] });
  const tools = [
    { label: 'Find a step', keys: 'Ctrl+K', icon: IconSearch, active: false, act: () => updateUi(session, { dialog: 'search' }) },
    { label: 'Latest runs', icon: IconHistory, active: panel === 'runs', act: () => toggle('runs') },
    { label: 'AWL', icon: IconCode, active: panel === 'awl', act: () => toggle('awl') },
    { label: 'Workflow settings', icon: IconSettings, active: panel === 'workflow', act: () => toggle('workflow') },
  ];
  return (
    <div className={classes.rail} role="toolbar" aria-label="Editor" aria-orientation="vertical">
      {session.access.edit ? (
        <Tooltip label="Add a step (A)" position="right">
          <ActionIcon
            variant="filled"
            color="iris"
            size={36}
            aria-label="Add a step"
            aria-expanded={palette}
            aria-keyshortcuts="A"
            onClick={() => updateUi(session, { palette: palette ? undefined : targetOfSelection(session) })}
          >
            <IconPlus size={20} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      ) : null}
      {tools.map(({ label, keys, icon: Icon, active, act }) => (
        <Tooltip key={label} label={keys ? `${label} (${keys})` : label} position="right">
          <ActionIcon aria-label={label} aria-pressed={active} data-active={active || undefined} className={classes.tool} onClick={act}>
            <Icon size={20} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  );
}
