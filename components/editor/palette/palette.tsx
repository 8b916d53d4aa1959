'use client';
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { NodeCategory, NodeDefinition } from '@/core/node/definition';
import { PALETTE_TYPE } from '../canvas/palette-type';
import { titleOf } from '../model/connection';
import { insertNode, updateUi } from '../model/editor-actions';
import { isTriggerId } from '../model/graph';
import type { InsertTarget } from '../model/session';
import { parentOf } from '../model/step-tree';
import { NodeIcon } from '../node-icon';
import { useSession } from '../session-context';
import classes from './palette.module.css';

const categories: Record<NodeCategory, string> = { network: 'Network', ai: 'AI', data: 'Data', flow: 'Flow', code: 'Code', trigger: 'Triggers' };

/** What matches a search: every word somewhere in title, type, description or category; titles first. */
export function findDefinitions(all: Iterable<NodeDefinition>, text: string): NodeDefinition[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = [...all].flatMap((definition) => {
    const title = definition.title.toLowerCase();
    const rest = `${title} ${definition.type} ${definition.description.toLowerCase()} ${categories[definition.category]?.toLowerCase()}`;
    if (!words.every((word) => rest.includes(word))) return [];
    return [{ definition, score: words.filter((word) => title.includes(word)).length + (words[0] && title.startsWith(words[0]) ? 1 : 0) }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ definition }) => definition);
}

/** The docked list of node types: search, then Enter, click or drag. */
export function Palette({ target }: { target: InsertTarget }) {
  const session = useSession();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const connected = Boolean(target.after || target.between || target.into);
  const groups = useMemo(() => {
    const found = findDefinitions(session.definitions.values(), text).filter((d) => !connected || d.kind === 'step');
    const order = Object.keys(categories) as NodeCategory[];
    return order.map((category) => ({ category, items: found.filter((d) => d.category === category) })).filter((group) => group.items.length > 0);
  }, [session, text, connected]);
  const flat = groups.flatMap((group) => group.items);
  const chosen = flat[Math.min(active, flat.length - 1)];
  const close = () => updateUi(session, { palette: undefined });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && chosen) insertNode(session, chosen.type, target);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = Math.max(0, Math.min(flat.length - 1, active + (event.key === 'ArrowDown' ? 1 : -1)));
      setActive(next);
      list.current?.querySelector(`#palette-${flat[next]?.type}`)?.scrollIntoView({ block: 'nearest' });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <aside className={classes.palette} aria-label="Add a step" onKeyDown={onKeyDown}>
      <div className={classes.head}>
        <div>
          <h2 className={classes.heading}>{connected ? 'What happens next?' : 'Add a step'}</h2>
          <p className={classes.place}>{describe(session.draft.workflow.get(), target)}</p>
        </div>
        <CloseButton aria-label="Close the palette" onClick={close} />
      </div>
      <TextInput
        className={classes.search}
        aria-label="Search node types"
        placeholder="Search"
        leftSection={<IconSearch size={16} stroke={1.7} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        data-autofocus
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={chosen ? `palette-${chosen.type}` : undefined}
      />
      <div className={classes.list} id="palette-list" role="listbox" aria-label="Node types" ref={list}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of form fields
          <div key={group.category} role="group" aria-label={categories[group.category]}>
            <div className={classes.category} aria-hidden>
              {categories[group.category]}
            </div>
            {group.items.map((definition) => (
              <Item
                key={definition.type}
                definition={definition}
                active={definition === chosen}
                onPick={() => insertNode(session, definition.type, target)}
                onHover={() => setActive(flat.indexOf(definition))}
              />
            ))}
          </div>
        ))}
        {flat.length === 0 ? <p className={classes.none}>Nothing matches “{text}”. Try “http”, “if” or “wait”.</p> : null}
      </div>
    </aside>
  );
}

function Item({ definition, active, onPick, onHover }: { definition: NodeDefinition; active: boolean; onPick: () => void; onHover: () => void }) {
  return (
    <div
      id={`palette-${definition.type}`}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      className={classes.item}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(PALETTE_TYPE, definition.type);
        event.dataTransfer.effectAllowed = 'copy';
      }}
      onMouseMove={onHover}
      onClick={onPick}
      onKeyDown={(event) => event.key === 'Enter' && onPick()}
    >
      <NodeIcon icon={definition.icon} color={definition.color} size={36} />
      <span className={classes.words}>
        <span className={classes.title}>{definition.title}</span>
        <span className={classes.description}>{definition.description}</span>
      </span>
    </div>
  );
}

function describe(workflow: Parameters<typeof titleOf>[0], { after, between, into }: InsertTarget): string {
  const name = (id: string) => (isTriggerId(id) ? 'the trigger' : titleOf(workflow, id));
  if (between && parentOf(workflow, between.target) === between.source) return `First inside ${name(between.source)}, before ${name(between.target)}`;
  if (between) return `Between ${name(between.source)} and ${name(between.target)}`;
  if (after) return `After ${name(after.step)}${after.port ? `, exit “${after.port}”` : ''}`;
  if (into) return `Inside ${name(into)}: runs in each iteration`;
  return 'Drag onto the canvas, or press Enter';
}
