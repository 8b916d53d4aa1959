import type { Metadata } from 'next';
import classes from '@/components/docs/docs.module.css';
import { ErrorCodes, FlowGuide } from '@/components/docs/flow-guide';
import { FunctionReference } from '@/components/docs/function-reference';
import { ApiGuide, AwlGuide, ExpressionGuide, StartGuide } from '@/components/docs/guide';
import { NodeReference } from '@/components/docs/node-reference';
import { PageHeader } from '@/components/ui/page-header';

export const metadata: Metadata = { title: 'Docs', description: 'Workflows, AWL, expressions, node types and the API.' };

const sections = [
  { id: 'start', title: 'First steps', Body: StartGuide },
  { id: 'awl', title: 'AWL, the workflow file', Body: AwlGuide },
  { id: 'flow', title: 'Loops, waits, errors, limits', Body: FlowGuide },
  { id: 'errors', title: 'Error codes', Body: ErrorCodes },
  { id: 'expressions', title: 'Expressions', Body: ExpressionGuide },
  { id: 'functions', title: 'Functions', Body: FunctionReference },
  { id: 'api', title: 'HTTP API', Body: ApiGuide },
  { id: 'nodes', title: 'Node types', Body: NodeReference },
];

export default function DocsPage() {
  return (
    <div className={classes.layout}>
      <nav className={classes.toc} aria-label="On this page">
        {sections.map(({ id, title }) => (
          <a key={id} href={`#${id}`}>
            {title}
          </a>
        ))}
      </nav>
      <div className={classes.body}>
        <PageHeader title="Docs" description="Short, and made from the same definitions the product runs on." />
        {sections.map(({ id, title, Body }) => (
          <section key={id} id={id} aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{title}</h2>
            <Body />
          </section>
        ))}
      </div>
    </div>
  );
}
