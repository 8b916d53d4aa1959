import type { Metadata } from 'next';
import classes from '@/components/site/site.module.css';
import templates from '@/components/templates/templates.module.css';
import { UseTemplate } from '@/components/templates/use-template';
import { AnchorLink } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/page-header';
import { WorkflowPicture } from '@/components/workflows/workflow-picture';
import { pageData } from '@/server/api/page-api';
import { pageSession } from '@/server/auth/page-session';

type Params = { template: string };
const find = (slug: string) => pageData((api) => api.site.template({ slug }));

export async function generateMetadata({ params }: { params: Promise<Params> }): Promise<Metadata> {
  const template = await find((await params).template);
  return { title: template?.title, description: template?.description };
}

export default async function TemplatePage({ params, searchParams }: { params: Promise<Params>; searchParams: Promise<{ org?: string }> }) {
  const template = await find((await params).template);
  const { org } = await searchParams;
  const session = await pageSession();
  if (!template) return null;
  return (
    <div className={classes.page}>
      <AnchorLink href={org ? `/store?org=${encodeURIComponent(org)}` : '/store'} className={templates.back}>
        ← All templates
      </AnchorLink>
      <PageHeader
        title={template.title}
        description={template.description}
        actions={<UseTemplate slug={template.slug} awl={template.awl} organizations={session?.organizations ?? null} chosen={org} />}
      />
      <WorkflowPicture workflow={template.workflow} />
      <section className={templates.source}>
        <h2>As AWL</h2>
        <pre tabIndex={0} aria-label="The definition in AWL">
          <code>{template.awl}</code>
        </pre>
      </section>
    </div>
  );
}
