'use client';
import { IconChevronDown, IconChevronRight, IconPlus } from '@tabler/icons-react';
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';
import { setCollapsed, updateUi } from '../model/editor-actions';
import { BODY_HANDLE, type LoopFlowNode, type NodeExit } from '../model/flow-elements';
import { BODY_CORNER, FRAME_HEAD } from '../model/frame';
import { NODE_HEIGHT } from '../model/graph';
import { useKeyed } from '../model/use-store';
import { NodeIcon } from '../node-icon';
import { useSession, useUi } from '../session-context';
import { ExitHandle } from './exit-handle';
import { IterationPager } from './iteration-pager';
import loop from './loop.module.css';
import classes from './node.module.css';
import { ProblemMark } from './problem-mark';
import { StatusChip } from './status-chip';
import { subtitleOf } from './subtitle';
import { UndoHandles } from './undo-handles';
import { useHandles } from './use-handles';
import { useProblemInside } from './use-problem-inside';

const steps = (count: number): string => (count === 1 ? '1 step inside' : `${count} steps inside`);

/** A loop: a frame around its body, or folded to the size of a step. */
export default memo(function LoopNode({ id, data, selected }: NodeProps<LoopFlowNode>) {
  const { step, exits, undoes, collapsed, inside, start } = data;
  const session = useSession();
  const definition = session.definitions.get(step.uses);
  const run = useKeyed(session.run.steps, id);
  const own = useKeyed(session.problemOf, id);
  const hiddenProblem = useProblemInside(collapsed ? id : undefined);
  const drop = useUi((ui) => (ui.dropTarget === id ? 'into' : undefined));
  const title = step.title || step.id;
  const subtitle = subtitleOf(definition, step.with, step.uses);
  useHandles(id, `${exits.map((exit) => exit.id)}|${undoes}|${step.compensate}|${collapsed}|${start}`, true);
  const error = run?.status === 'failed' && run.error ? run.error.message : undefined;
  const problem = own ?? hiddenProblem;
  return (
    <div
      className={collapsed ? `${classes.card} ${loop.folded}` : `${classes.framed} ${loop.frame}`}
      data-selected={selected || undefined}
      data-status={run?.status}
      data-problem={problem?.severity}
      data-undoes={undoes || undefined}
      data-drop={drop}
    >
      <Handle
        id="in"
        type="target"
        position={Position.Left}
        style={{ top: FRAME_HEAD / 2 }}
        className={classes.handle}
        isConnectable={session.access.edit && !undoes}
      />
      <UndoHandles undone={step.compensate !== undefined} undoes={undoes} />
      <StatusChip id={id} undoes={undoes} />
      {problem ? <ProblemMark problem={problem} words={own ? problem.message : `Inside: ${problem.message}`} /> : null}
      <div className={loop.head} data-folded={collapsed || undefined}>
        <NodeIcon icon={definition?.icon ?? 'Repeat'} color={definition?.color} />
        <span className={classes.words}>
          <span className={classes.title} title={title}>
            {title}
          </span>
          <span className={classes.subtitle} title={subtitle}>
            {collapsed ? steps(inside) : subtitle}
          </span>
        </span>
        <Buttons id={id} title={title} collapsed={collapsed} />
      </div>
      {collapsed ? null : <Body id={id} inside={inside} title={title} start={start} />}
      <Exits id={id} exits={exits} title={title} />
      {error ? (
        <span className={classes.error} title={error}>
          {error}
        </span>
      ) : null}
    </div>
  );
});

/** Add a step inside, fold. */
function Buttons({ id, title, collapsed }: { id: string; title: string; collapsed: boolean }) {
  const session = useSession();
  const Chevron = collapsed ? IconChevronRight : IconChevronDown;
  return (
    <span className={loop.buttons}>
      {session.access.edit && !collapsed ? (
        <button
          type="button"
          tabIndex={-1}
          className={`${loop.button} nodrag nopan`}
          aria-label={`Add a step inside ${title}`}
          title="Add a step inside"
          onClick={(event) => {
            event.stopPropagation();
            updateUi(session, { palette: { into: id } });
          }}
        >
          <IconPlus size={16} stroke={1.8} aria-hidden />
        </button>
      ) : null}
      <button
        type="button"
        tabIndex={-1}
        className={`${loop.button} nodrag nopan`}
        aria-expanded={!collapsed}
        aria-label={collapsed ? `Unfold ${title}` : `Fold ${title}`}
        title={collapsed ? 'Unfold (F)' : 'Fold (F)'}
        onClick={(event) => {
          event.stopPropagation();
          setCollapsed(session, [id], !collapsed);
        }}
      >
        <Chevron size={16} stroke={1.8} aria-hidden />
      </button>
    </span>
  );
}

/** What is inside the frame besides the steps, which React Flow draws above it. */
function Body({ id, inside, title, start }: { id: string; inside: number; title: string; start: number }) {
  const session = useSession();
  return (
    <>
      <span className={loop.start} style={{ top: start }} title="Each iteration starts here" aria-hidden />
      <Handle id={BODY_HANDLE} type="source" position={Position.Right} style={{ top: start }} className={loop.startHandle} isConnectable={false} />
      {inside === 0 && session.access.edit ? (
        <button
          type="button"
          className={`${loop.first} nodrag nopan`}
          style={{ top: BODY_CORNER.y, left: BODY_CORNER.x, height: NODE_HEIGHT }}
          aria-label={`Add the first step inside ${title}`}
          onClick={(event) => {
            event.stopPropagation();
            updateUi(session, { palette: { into: id } });
          }}
        >
          + Add a step, or drop one here
        </button>
      ) : null}
      <IterationPager id={id} />
    </>
  );
}

function Exits({ id, exits, title }: { id: string; exits: NodeExit[]; title: string }) {
  return exits.map((exit, place) => <ExitHandle key={exit.id} node={id} exit={exit} place={place} count={exits.length} title={title} within={FRAME_HEAD} />);
}
