import type { z } from 'zod';
import type { Assignee } from '@/core/node/executor';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { Conflict, Forbidden, Invalid } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { publishNews } from './approval-event';
import { fromRow, namesOf, requireApproval, strangers, toRow, whyNotDecide } from './internal';
import { reassignApprovalInput } from './schema';

/** Asks others instead of those who were asked. Whoever may decide may do it; people have to be members. */
export async function reassignApproval(ctx: Context, input: z.input<typeof reassignApprovalInput>): Promise<{ id: string; assignees: Assignee[] }> {
  authorize(ctx, 'approval:reassign');
  const { id, assignees } = parseInput(reassignApprovalInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const row = await requireApproval(tx, ctx, id);
    const whyNot = whyNotDecide(ctx, await namesOf(tx, ctx), row.assignees);
    if (whyNot) throw new Forbidden(whyNot);
    const [stranger] = await strangers(tx, organizationId, assignees);
    if (stranger) throw new Invalid(`assignees: ${stranger} is no member of this organization.`, [{ path: 'assignees', message: `${stranger} is no member` }]);
    // held until the end of this transaction: nobody decides meanwhile
    const open = await tx.$queryRaw<object[]>`
      SELECT 1 FROM approval WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid AND status = 'open' FOR UPDATE`;
    if (open.length === 0) throw new Conflict('This approval is not open any more.');
    await tx.approvalAssignee.deleteMany({ where: { organizationId, approvalId: id } });
    const added = 'reassigned';
    await tx.approvalAssignee.createMany({ data: assignees.map((each) => ({ organizationId, approvalId: id, ...toRow(each), added })), skipDuplicates: true });
    const before = row.assignees.map(fromRow);
    await publishNews(tx, 'requested', { ...row, assignees }, { reassigned: true });
    await audit(tx, ctx, 'approval.reassign', { type: 'approval', id, name: row.title }, { from: before, to: assignees });
    return { id, assignees };
  });
}
