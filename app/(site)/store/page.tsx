import type { Metadata } from 'next';
import classes from '@/components/site/site.module.css';
import { TemplateCards } from '@/components/templates/template-cards';
import { PageHeader } from '@/components/ui/page-header';
import { pageApi } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Templates', description: 'Workflows to start from, ready to run.' };

export default async function StorePage({ searchParams }: { searchParams: Promise<{ org?: string }> }) {
  const { org } = await searchParams;
  const templates = await (await pageApi()).site.templates();
  return (
    <div className={classes.page}>
      <PageHeader
        title="Templates"
        description="Workflows to start from. They run at once, without any key: model steps are simulated until you connect a provider."
      />
      <TemplateCards templates={templates} query={org ? `?org=${encodeURIComponent(org)}` : ''} />
    </div>
  );
}
