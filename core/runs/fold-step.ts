import type { RunEvent } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import type { StepView } from './fold-run';

/** of one step, the newest: code that logs in a loop must not fill the page's memory */
const mostLogs = 500;

/** A step after an event that names it. */
export function foldStep(step: StepView, event: Extract<RunEvent, { path: string }>): StepView {
  switch (event.type) {
    case 'step.started':
      return {
        ...step,
        status: 'running',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.at,
        until: null,
        wait: null,
        input: event.input,
        error: null,
      };
    case 'step.succeeded':
      return {
        ...step,
        status: 'succeeded',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.startedAt,
        finishedAt: event.at,
        until: null,
        wait: null,
        input: event.input ?? step.input,
        output: event.output,
        error: event.error ?? null,
        port: event.port ?? null,
        costUsd: event.costUsd ?? 0,
        tokens: event.tokens ?? null,
        childRunId: step.childRunId ?? (step.type === 'workflow' ? startedRun(event.output) : null),
      };
    case 'step.failed':
      return {
        ...step,
        status: event.retryAt === undefined ? 'failed' : 'waiting',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.startedAt,
        finishedAt: event.retryAt === undefined ? event.at : null,
        until: event.retryAt ?? null,
        wait: null,
        input: event.input ?? step.input,
        error: event.error,
        port: event.handled === 'goto' ? 'error' : null,
      };
    case 'step.skipped':
      return { ...step, status: 'skipped', finishedAt: event.at };
    case 'step.waiting':
      return {
        ...step,
        status: 'waiting',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.startedAt,
        until: event.until ?? null,
        childRunId: event.wait?.signal?.startsWith('$run/') ? event.wait.signal.slice('$run/'.length) : step.childRunId,
        wait: event.wait ? { kind: event.wait.kind, signal: event.wait.signal ?? null, details: event.wait.details ?? null } : null,
        input: event.input ?? step.input,
        error: null,
      };
    case 'step.cancelled':
      return { ...step, status: 'cancelled', finishedAt: event.at, until: null, wait: null };
    case 'item.started':
    case 'item.succeeded':
    case 'item.failed':
      return step;
    case 'step.log': {
      const { at, level, message, fields } = event;
      return { ...step, logs: [...step.logs, fields ? { at, level, message, fields } : { at, level, message }].slice(-mostLogs) };
    }
  }
}

/** The run that a step started without waiting for it: its output says so. */
function startedRun(value: Json): string | null {
  const id = value !== null && typeof value === 'object' && !Array.isArray(value) ? value.runId : undefined;
  return typeof id === 'string' ? id : null;
}
