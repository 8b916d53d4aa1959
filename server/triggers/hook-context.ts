import type { Context } from '@/server/auth/context';
import type { HookTarget } from './find-hook';

/** Who acts when a hook is called: the trigger itself, with no more than it takes to run and read its runs. */
export function hookContext({ organizationId, workflowId }: HookTarget, address: string): Context {
  return { actor: { type: 'trigger', id: workflowId, name: 'webhook' }, organizationId, role: 'operator', address };
}
