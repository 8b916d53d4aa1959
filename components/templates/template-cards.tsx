import Link from 'next/link';
import { NodeIcon } from '@/components/editor/node-icon';
import type { Workflow } from '@/core/workflow/workflow';
import { nodeDefinitions } from '@/nodes/definitions';
import classes from './templates.module.css';

interface Template {
  slug: string;
  title: string;
  description: string;
  workflow: Workflow;
}

/** Templates as cards: what each does, and which kinds of steps it is made of. */
export function TemplateCards({ templates, query = '' }: { templates: Template[]; query?: string }) {
  return (
    <ul className={classes.cards}>
      {templates.map((template) => (
        <li key={template.slug}>
          <Link href={`/store/${template.slug}${query}`} className={classes.card}>
            <span className={classes.tiles}>
              {[...new Set(template.workflow.steps.map((step) => step.uses))].slice(0, 5).map((type) => (
                <NodeIcon key={type} icon={nodeDefinitions.get(type)?.icon} color={nodeDefinitions.get(type)?.color} size={32} />
              ))}
            </span>
            <h2>{template.title}</h2>
            <p>{template.description}</p>
            <small>
              {template.workflow.steps.length} steps ·{' '}
              {template.workflow.triggers.map(({ type }) => nodeDefinitions.get(type)?.title ?? type).join(', ') || 'By hand'}
            </small>
          </Link>
        </li>
      ))}
    </ul>
  );
}
