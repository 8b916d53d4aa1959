'use client';
import { Modal, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { allSteps } from '@/core/workflow/workflow';
import { subtitleOf } from '../canvas/subtitle';
import { titleOf } from '../model/connection';
import { openNode, updateUi } from '../model/editor-actions';
import { loopsAround } from '../model/step-tree';
import { NodeIcon } from '../node-icon';
import { useSession, useWorkflow } from '../session-context';
import classes from './chrome.module.css';

/** Finds a step by title, id, type or what it does, and opens it. */
export default function StepSearch() {
  const session = useSession();
  const workflow = useWorkflow();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const close = () => updateUi(session, { dialog: undefined });
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = allSteps(workflow.steps)
    .map((step) => ({ step, definition: session.definitions.get(step.uses), subtitle: subtitleOf(session.definitions.get(step.uses), step.with, step.uses) }))
    .filter(({ step, definition, subtitle }) => {
      const all = `${step.title ?? ''} ${step.id} ${step.uses} ${definition?.title ?? ''} ${subtitle}`.toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .slice(0, 50);
  const go = (id: string) => {
    close();
    openNode(session, id);
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size="lg" yOffset="12vh" centered={false} title={undefined} aria-label="Find a step">
      <TextInput
        data-autofocus
        variant="unstyled"
        size="md"
        className={classes.searchInput}
        leftSection={<IconSearch size={18} stroke={1.7} />}
        placeholder="Find a step"
        aria-label="Find a step"
        role="combobox"
        aria-expanded
        aria-controls="step-search"
        aria-activedescendant={found[active] ? `found-${found[active].step.id}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setActive(Math.min(found.length - 1, active + 1));
          else if (event.key === 'ArrowUp') setActive(Math.max(0, active - 1));
          else if (event.key === 'Enter' && found[active]) go(found[active].step.id);
          else return;
          event.preventDefault();
        }}
      />
      <div id="step-search" role="listbox" aria-label="Steps" className={classes.found}>
        {found.map(({ step, definition, subtitle }, index) => (
          <div
            key={step.id}
            id={`found-${step.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className={classes.foundItem}
            onMouseMove={() => setActive(index)}
            onClick={() => go(step.id)}
            onKeyDown={(event) => event.key === 'Enter' && go(step.id)}
          >
            <NodeIcon icon={definition?.icon} color={definition?.color} size={32} />
            <span>
              {step.title || step.id}
              <small>{[...loopsAround(workflow, step.id).map((loop) => titleOf(workflow, loop)), subtitle].join(' › ')}</small>
            </span>
          </div>
        ))}
        {found.length === 0 ? <p className={classes.none}>No step matches.</p> : null}
      </div>
    </Modal>
  );
}
