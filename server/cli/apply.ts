import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { parseAwl } from '@/core/workflow/awl';
import { Invalid } from '@/server/lib/errors';
import { callApi } from './api-client';

interface Applied {
  id: string;
  slug: string;
  version: number;
  changed?: boolean;
}

/** Makes or updates the workflow a file describes, by its name. */
async function apply(file: string, options: { project?: string; json: boolean }): Promise<void> {
  const source = file === '-' ? await text(process.stdin) : await readSource(file);
  const parsed = parseAwl(source);
  if (!parsed.ok) throw new Invalid(`${file} is not a valid workflow.`, parsed.problems);
  const query = new URLSearchParams({ slug: parsed.workflow.name, ...(options.project ? { project: options.project } : {}) });
  const { items } = await callApi<{ items: { id: string }[] }>('GET', `/api/v1/workflows?${query}`);
  const existing = items[0];
  if (items.length > 1) throw new Error(`Several projects have a workflow ${parsed.workflow.name}: say which with --project.`);
  const applied = existing
    ? await callApi<Applied>('PUT', `/api/v1/workflows/${existing.id}`, { definition: source })
    : await callApi<Applied>('POST', '/api/v1/workflows', { definition: source, ...(options.project ? { project: options.project } : {}) });
  const { triggers } = await callApi<{ triggers: { type: string; url?: string }[] }>('GET', `/api/v1/workflows/${applied.id}`);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...applied, triggers })}\n`);
    return;
  }
  const what = !existing ? 'made' : applied.changed === false ? 'unchanged' : 'published';
  process.stdout.write(`${applied.slug}  version ${applied.version}, ${what}\n`);
  for (const { type, url } of triggers) if (url) process.stdout.write(`${type}  ${url}\n`);
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message}`);
  }
}

export function register(program: Command): void {
  program
    .command('apply')
    .argument('<file>', 'a workflow in AWL, YAML or JSON; - reads standard input')
    .description('make the workflow of a file, or publish it as the next version')
    .option('--project <project>', 'slug or id of the project')
    .option('--json', 'print JSON', false)
    .action(apply);
}
