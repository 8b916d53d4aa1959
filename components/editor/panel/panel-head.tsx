'use client';
import { CloseButton } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { updateUi } from '../model/editor-actions';
import { useSession } from '../session-context';
import classes from './panel.module.css';

/** The head of a panel: icon, a title that can be edited in place, what it is. */
export function PanelHead({ icon, title, subtitle, onRename }: { icon?: ReactNode; title: string; subtitle?: ReactNode; onRename?: (title: string) => void }) {
  const session = useSession();
  return (
    <header className={classes.head}>
      {icon}
      <div className={classes.names}>
        {onRename ? <EditableTitle title={title} onRename={onRename} /> : <h2 className={classes.title}>{title}</h2>}
        {subtitle ? <div className={classes.subtitle}>{subtitle}</div> : null}
      </div>
      <CloseButton aria-label="Close the panel" size="lg" onClick={() => updateUi(session, { panel: 'closed' })} />
    </header>
  );
}

/** Looks like a heading, is a field: Enter or leaving it keeps, Escape restores. */
export function EditableTitle({
  title,
  label = 'Title',
  className = classes.titleField,
  onRename,
}: {
  title: string;
  label?: string;
  className?: string;
  onRename: (title: string) => void;
}) {
  const [text, setText] = useState<string>();
  const done = () => {
    if (text !== undefined && text.trim() !== '' && text.trim() !== title) onRename(text.trim());
    setText(undefined);
  };
  return (
    <input
      className={className}
      aria-label={label}
      value={text ?? title}
      maxLength={120}
      size={Math.max(4, Math.min(40, (text ?? title).length + 1))}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') {
          setText(undefined);
          event.stopPropagation();
          event.currentTarget.value = title;
          requestAnimationFrame(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
        }
      }}
    />
  );
}
