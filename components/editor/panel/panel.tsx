'use client';
import { lazy, Suspense, useEffect } from 'react';
import { updateUi } from '../model/editor-actions';
import { isTriggerId } from '../model/graph';
import { useSession, useUi } from '../session-context';
import classes from './panel.module.css';

const loadStepPanel = () => import('./step-panel');
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
  useEffect(() => {
    // fetched while nothing else happens, so that the first click on a step is answered at once
    const timer = setTimeout(() => void loadStepPanel(), 1500);
    return () => clearTimeout(timer);
  }, []);
  if (panel === 'closed' || (panel === 'node' && !id)) return null;
  return (
    <>
      <button type="button" tabIndex={-1} aria-label="Close the panel" className={classes.scrim} onClick={() => updateUi(session, { panel: 'closed' })} />
      <aside
        className={classes.panel}
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
