import type { z } from 'zod';
import { type NodeExecutor, StepError, type WaitEnd } from '@/core/node/executor';
import { parseDuration } from '@/core/workflow/duration';
import { ownSignal } from '@/core/workflow/signal-name';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { readAssignees } from './assignees';
import type { approvalConfig } from './definition';

type Config = z.infer<typeof approvalConfig>;
/** A decision made in the last moment arrives before the wait ends by itself. */
const grace = 2_000;

/** Asks once, however often it is executed, and waits for the decision. */
const approval: NodeExecutor<Config> = async (config, context) => {
  const { organizationId, runId, path, tryKey, now, services } = context;
  if (!services.approvals) throw new StepError('not_available', 'Nobody can be asked here.', { retryable: false });
  const deadline = config.deadline === undefined ? undefined : now + ms(config.deadline);
  const asked = await services.approvals.open({
    organizationId,
    runId,
    path,
    tryKey,
    title: config.title,
    message: config.message,
    data: config.data === undefined ? context.data : (config.data as Json),
    assignees: readAssignees(config.assignees).assignees,
    ...(config.form ? { form: config.form as JsonObject } : {}),
    ...(deadline === undefined ? {} : { deadline, expiry: expiryOf(config, deadline) }),
    ...(config.remind_every ? { remindEvery: Math.max(60_000, ms(config.remind_every)) } : {}),
    ...(config.escalate_after ? { escalation: { at: now + ms(config.escalate_after), to: readAssignees(config.escalate_to).assignees } } : {}),
  });
  for (const address of asked.unknown) context.log('warn', `${address} is no member of this organization; owners and admins can decide.`);
  const until = asked.deadline;
  return {
    wait: {
      kind: 'approval',
      signal: ownSignal('approval', path, tryKey),
      ...(until === undefined ? {} : { until: until + grace, expiry: expiryOf(config, until) }),
      details: { approval: asked.id, title: config.title },
    },
  };
};
export default approval;

const ms = (duration: string): number => parseDuration(duration.trim()) ?? 0;

function expiryOf({ on_deadline, deadline }: Config, at: number): WaitEnd {
  if (on_deadline === 'fail') return { error: { code: 'approval_expired', message: `Nobody decided within ${deadline}.` } };
  const decision = on_deadline === 'reject' ? 'rejected' : on_deadline === 'approve' ? 'approved' : 'expired';
  return { port: decision, output: { decision, by: null, at: new Date(at).toISOString(), comment: 'Nobody decided in time.', values: {} } };
}
