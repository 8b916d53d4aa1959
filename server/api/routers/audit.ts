import { listAudit } from '@/server/audit';
import { listAuditInput } from '@/server/audit/schema';
import { page, router, run, tenantProcedure } from '../trpc';

export const auditRouter = router({
  list: tenantProcedure('audit:read').input(listAuditInput.extend(page)).query(run(listAudit)),
});
