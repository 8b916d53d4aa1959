import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '@/core/workflow/workflow';
import classes from './panel.module.css';

/** A fault in words, with its severity as an icon. */
export function ProblemNote({ problem }: { problem: Pick<Problem, 'message' | 'severity'> & { path?: string } }) {
  const Icon = problem.severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  return (
    <div className={classes.problem} data-severity={problem.severity}>
      <Icon size={16} stroke={1.8} aria-label={problem.severity} />
      <span>{problem.message}</span>
    </div>
  );
}
