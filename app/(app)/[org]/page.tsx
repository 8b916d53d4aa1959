import type { Metadata } from 'next';
import { RecentRuns, RecentWorkflows } from '@/components/projects/home-lists';
import { HomeSection, NewProjectButton, ProjectCards } from '@/components/projects/project-home';
import { Crumbs } from '@/components/shell/crumbs';
import { AnchorLink } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/page-header';
import { NewWorkflowMenu } from '@/components/workflows/new-workflow-menu';
import { pageData } from '@/server/api/page-api';
import { pageSession } from '@/server/auth/page-session';

export const metadata: Metadata = { title: 'Home' };

export default async function HomePage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const [session, projects, workflows, runs] = await Promise.all([
    pageSession(),
    pageData((api) => api.projects.list({ org })),
    pageData((api) => api.workflows.list({ org, limit: 5 })),
    pageData((api) => api.runs.list({ org, limit: 5 })),
  ]);
  const name = session?.user.name.split(' ')[0];
  return (
    <>
      <Crumbs items={[{ label: 'Home' }]} />
      <PageHeader title={name ? `Hello, ${name}` : 'Hello'} description="What your workflows are up to." actions={<NewWorkflowMenu look="phone" />} />
      <HomeSection title="Recent workflows" side={<AnchorLink href={`/${org}/workflows`}>All workflows</AnchorLink>}>
        <RecentWorkflows initial={workflows} />
      </HomeSection>
      <HomeSection title="Recent runs" side={<AnchorLink href={`/${org}/runs`}>All runs</AnchorLink>}>
        <RecentRuns initial={runs} />
      </HomeSection>
      <HomeSection title="Projects" side={<NewProjectButton />}>
        <ProjectCards initial={projects} />
      </HomeSection>
    </>
  );
}
