import { parseAwl } from '@/core/workflow/awl';
import type { Workflow } from '@/core/workflow/workflow';
import { exampleWorkflows } from './example-workflows';

/** A workflow that anybody may copy into an organization of theirs. */
export interface Template {
  slug: string;
  title: string;
  description: string;
  /** YAML */
  awl: string;
  workflow: Workflow;
}

let templates: Template[] | undefined;

/** The templates Heddle brings along, in the order they are offered. */
export function listTemplates(): Template[] {
  templates ??= exampleWorkflows().map(({ slug, awl }) => {
    const parsed = parseAwl(awl);
    if (!parsed.ok) throw new Error(`The built-in workflow ${slug} is not valid AWL: ${parsed.problems[0]?.message}`);
    const { title = slug, description = '' } = parsed.workflow;
    return { slug, title, description, awl, workflow: parsed.workflow };
  });
  return templates;
}
