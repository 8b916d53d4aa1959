'use client';
import { Kbd, Modal } from '@mantine/core';
import { updateUi } from '../model/editor-actions';
import { useSession } from '../session-context';
import classes from './chrome.module.css';

const groups: [string, [string, string][]][] = [
  [
    'Run and find',
    [
      ['Ctrl Enter', 'Run'],
      ['Ctrl K or /', 'Find a step'],
      ['1', 'Everything in view'],
      ['T', 'Tidy up'],
    ],
  ],
  [
    'Steps',
    [
      ['A', 'Add a step, after the selected one'],
      ['Tab', 'Next step'],
      ['← ↑ → ↓', 'To the neighbour'],
      ['Enter', 'Open'],
      ['Shift + arrow', 'Move'],
      ['F', 'Fold or unfold a loop'],
      ['Delete', 'Delete'],
      ['Esc', 'Close, then deselect'],
    ],
  ],
  [
    'Edit',
    [
      ['Ctrl Z', 'Undo'],
      ['Ctrl Shift Z', 'Redo'],
      ['Ctrl C, X, V', 'Copy, cut, paste (as AWL)'],
      ['Ctrl D', 'Duplicate'],
      ['Ctrl A', 'Select all'],
      ['Shift + drag', 'Select an area'],
    ],
  ],
];

/** Every key of the editor. */
export default function Shortcuts() {
  const session = useSession();
  return (
    <Modal opened onClose={() => updateUi(session, { dialog: undefined })} title="Shortcuts" size="lg">
      <div className={classes.shortcuts}>
        {groups.map(([name, keys]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>{what}</dt>
                  <dd>
                    <Kbd size="sm">{key}</Kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
