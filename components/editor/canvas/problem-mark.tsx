'use client';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '@/core/workflow/workflow';
import classes from './node.module.css';

/** The worst problem of a step, at its top edge. */
export function ProblemMark({ problem, words = problem.message }: { problem: Problem; words?: string }) {
  const Icon = problem.severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  return (
    <span className={classes.problem} data-severity={problem.severity} title={words}>
      <Icon size={16} stroke={2} aria-hidden />
      <span className={classes.hidden}>Problem: {words}</span>
    </span>
  );
}
