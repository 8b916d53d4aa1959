import type { Json } from '@/core/workflow/workflow';
import { enginePool } from '@/server/queue/engine-pool';
import type { Mail } from './mail';

/** The mail of leased runs, oldest first, by the id of their lease. */
export async function readMail(leases: string[]): Promise<Map<string, Mail[]>> {
  const { rows } = await enginePool().query<{ lease: string; id: string; kind: Mail['kind']; payload: string }>({
    name: 'mail',
    text: `SELECT q.id AS lease, i.id, i.kind, i.payload FROM run_queue q JOIN run_inbox i ON i.organization_id = q.organization_id AND i.run_id = q.run_id
            WHERE q.id = ANY($1::bigint[]) ORDER BY i.created_at, i.id`,
    values: [leases],
  });
  const mail = new Map<string, Mail[]>();
  for (const { lease, id, kind, payload } of rows) {
    const of = mail.get(lease);
    const message = { id, kind, payload: JSON.parse(payload) as Json };
    if (of) of.push(message);
    else mail.set(lease, [message]);
  }
  return mail;
}
