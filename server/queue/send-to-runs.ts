import { v7 as uuid } from 'uuid';
import type { Json } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import type { MailKind } from './enqueue';

/** characters of payload in one statement */
const most = 4_000_000;

/** sendToRun for many runs: a statement for each few megabytes, however many they are. */
export async function sendToRuns(tx: Transaction, organizationId: OrganizationId, kind: MailKind, mail: { runId: string; payload: Json }[]): Promise<void> {
  let runs: string[] = [];
  let payloads: string[] = [];
  let size = 0;
  const flush = async () => {
    if (runs.length === 0) return;
    await tx.$executeRaw`
      WITH sent AS (
        INSERT INTO run_inbox (organization_id, run_id, id, kind, payload)
        SELECT ${organizationId}::uuid, x.r, x.i, ${kind}, x.p FROM unnest(${runs}::uuid[], ${runs.map(() => uuid())}::uuid[], ${payloads}::text[]) x(r, i, p)
        RETURNING run_id)
      SELECT pg_notify('heddle_inbox', ${organizationId}::uuid || ':' || run_id) FROM sent`;
    runs = [];
    payloads = [];
    size = 0;
  };
  for (const { runId, payload } of mail) {
    const text = JSON.stringify(payload);
    runs.push(runId);
    payloads.push(text);
    size += text.length;
    if (size >= most) await flush();
  }
  await flush();
}
