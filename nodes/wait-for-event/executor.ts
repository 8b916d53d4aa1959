import type { z } from 'zod';
import { type NodeExecutor, StepError } from '@/core/node/executor';
import { timeoutOf } from '@/core/node/timeout-settings';
import { checkEventFilter } from '@/core/workflow/event-filter';
import { ownSignal } from '@/core/workflow/signal-name';
import type { waitForEventConfig } from './definition';

type Config = z.infer<typeof waitForEventConfig>;

/** Says which event it wants, and waits for the first one from then on. */
const waitForEvent: NodeExecutor<Config> = async (config, { organizationId, runId, path, tryKey, now, services }) => {
  if (!services.events) throw new StepError('not_available', 'There are no events here.', { retryable: false });
  const { pattern, match } = config;
  const [key, ...others] = Object.entries(match);
  const filter = [...others.map(equal), ...(config.filter ? [`(${config.filter})`] : [])].join(' && ');
  const [fault] = filter ? checkEventFilter(filter) : [];
  if (fault) throw new StepError('invalid_filter', `The filter cannot be used: ${fault}.`, { retryable: false });
  await services.events.expect({
    organizationId,
    runId,
    path,
    tryKey,
    pattern,
    ...(filter ? { filter } : {}),
    ...(key ? { key: { field: key[0], value: key[1] } } : {}),
  });
  const signal = ownSignal('event', path, tryKey);
  return { wait: { kind: 'event', signal, ...timeoutOf(config, now, `An event ${pattern}`), details: { pattern, ...(key ? { match } : {}) } } };
};
export default waitForEvent;

/** As an expression: values are compared as texts, as the first place is. */
function equal([place, value]: [string, string | number | boolean]): string {
  return `string(event.${place}) == ${JSON.stringify(String(value))}`;
}
