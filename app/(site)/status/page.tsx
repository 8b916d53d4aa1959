import type { Metadata } from 'next';
import classes from '@/components/site/site.module.css';
import { StatusList } from '@/components/site/status-list';
import { PageHeader } from '@/components/ui/page-header';
import { RelativeTime } from '@/components/ui/relative-time';
import { pageApi } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Status', description: 'Whether this Heddle works right now.' };

export default async function StatusPage() {
  const status = await (await pageApi()).site.status();
  return (
    <div className={classes.page}>
      <PageHeader
        title={status.ok ? 'Everything works' : 'Something is wrong'}
        description={
          <>
            Checked <RelativeTime at={status.checkedAt} />. Machines ask <a href="/readyz">/readyz</a> and <a href="/metrics">/metrics</a>.
          </>
        }
      />
      <StatusList checks={status.checks} />
    </div>
  );
}
