import * as z from 'zod';
import { parseDuration } from '@/core/workflow/duration';
import type { Json } from '@/core/workflow/workflow';
import { durationSetting } from './duration-setting';
import type { WaitEnd } from './executor';

/** Settings of a step that waits for somebody: how long at most, and what then. */
export const timeoutSettings = () => ({
  timeout: durationSetting()
    .optional()
    .describe('How long to wait at most. Without it the step waits until it is answered or the run ends.')
    .meta({ title: 'Wait at most', widget: 'duration', placeholder: '2d' }),
  on_timeout: z
    .enum(['fail', 'continue'])
    .default('fail')
    .describe('The failure can be handled like other errors: replaced by a fallback, sent to another step. It is not retried: the time is up.')
    .meta({ title: 'When nothing comes in time', widget: 'select', labels: { fail: 'Fail the step', continue: 'Go on' } }),
  default: z
    .any()
    .optional()
    .describe('The output when the step goes on without an answer; without one it is null.')
    .meta({ title: 'Output then', widget: 'template', showWhen: { setting: 'on_timeout', oneOf: ['continue'] } }),
});

/** When a wait ends by itself and what it makes of the step; `what` completes "… did not come within 2d". */
export function timeoutOf(
  config: { timeout?: string; on_timeout: 'fail' | 'continue'; default?: unknown },
  now: number,
  what: string,
): { until?: number; expiry?: WaitEnd } {
  if (config.timeout === undefined) return {};
  const until = now + (parseDuration(config.timeout.trim()) ?? 0);
  if (config.on_timeout === 'continue') return { until, expiry: { output: (config.default ?? null) as Json } };
  return { until, expiry: { error: { code: 'wait_timeout', message: `${what} did not come within ${config.timeout.trim()}.` } } };
}
