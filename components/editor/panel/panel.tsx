'use client';
import { lazy, Suspense } from 'react';
import { updateUi } from '../model/editor-actions';
import { isTriggerId } from '../model/graph';
import { useSession, useUi } from '../session-context';
import classes from './panel.module.css';

/** Call when a step is about to be opened (the pointer is on it), so that the click is answered at once. */
export const loadStepPanel = () => import('./step-panel');
const StepPanel = lazy(loadStepPanel);
const TriggerPanel = lazy(() => import('./trigger-panel'));
const WorkflowPanel = lazy(() => import('./workflow-panel'));
const RunsPanel = lazy(() => import('./runs-panel'));
const AwlPanel = lazy(() => import('./awl-panel'));

/** The docked panel: settings of the selected node, of the workflow, its AWL, or its latest runs. Never a modal, so the flow stays visible. */
export function Panel() {
  const session = useSession();
  const panel = useUi((ui) => ui.panel);
  const id = useUi((ui) => (ui.selected.length === 1 ? ui.selected[0] : undefined));
  if (panel === 'closed' || (panel === 'node' && !id)) return null;
  return (
    <>
      <button type="button" tabIndex={-1} aria-label="Close the panel" className={classes.scrim} onClick={() => updateUi(session, { panel: 'closed' })} />
      <aside
        className={classes.panel}
        data-editor-panel
        aria-label={panel === 'node' ? 'Step' : panel === 'runs' ? 'Latest runs' : panel === 'awl' ? 'AWL' : 'Workflow settings'}
        data-wide={panel === 'awl' || undefined}
      >
        <Suspense fallback={null}>
          {panel === 'node' && id ? isTriggerId(id) ? <TriggerPanel key={id} id={id} /> : <StepPanel key={id} id={id} /> : null}
          {panel === 'workflow' ? <WorkflowPanel /> : null}
          {panel === 'runs' ? <RunsPanel /> : null}
          {panel === 'awl' ? <AwlPanel /> : null}
        </Suspense>
      </aside>
    </>
  );
}
