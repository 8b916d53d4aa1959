import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { callApi } from './api-client';

async function exportWorkflow(workflow: string, options: { version?: string; out?: string }): Promise<void> {
  const query = new URLSearchParams({ format: 'awl', ...(options.version ? { version: options.version } : {}) });
  const awl = await callApi<string>('GET', `/api/v1/workflows/${encodeURIComponent(workflow)}?${query}`);
  if (options.out) await writeFile(options.out, awl);
  else process.stdout.write(awl);
}

export function register(program: Command): void {
  program
    .command('export')
    .argument('<workflow>', 'slug or id')
    .description('print a workflow as AWL; applying it again changes nothing')
    .option('--version <number>', 'a published version; absent: the current one')
    .option('--out <file>', 'write to a file')
    .action(exportWorkflow);
}
