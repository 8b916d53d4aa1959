import type { z } from 'zod';
import { lifecycleTypes } from '@/core/workflow/event-pattern';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { configureEventsInput } from './schema';

const source = 'keep';

/** Says whether Heddle's own events are stored even when nothing waits for them. */
export async function configureEvents(ctx: Context, input: z.input<typeof configureEventsInput>): Promise<{ keepRunEvents: boolean }> {
  authorize(ctx, 'event:configure');
  const { keepRunEvents } = parseInput(configureEventsInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    if (keepRunEvents) await tx.eventInterest.createMany({ data: lifecycleTypes.map((type) => ({ organizationId, type, source })), skipDuplicates: true });
    else await tx.eventInterest.deleteMany({ where: { organizationId, source } });
    await audit(tx, ctx, 'event.configure', { type: 'organization', id: organizationId }, { keepRunEvents });
    return { keepRunEvents };
  });
}
