import type { Command } from 'commander';
import { callApi } from './api-client';
import { registerRunVerbs } from './run-verbs';

interface RunEntry {
  id: string;
  workflow: { slug: string };
  version: number | null;
  status: string;
  trigger: string;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  error: { message: string } | null;
}

interface Options {
  workflow?: string;
  status?: string;
  errorCode?: string;
  errorText?: string;
  paused?: boolean;
  limit: string;
  json: boolean;
}

async function listRuns(options: Options): Promise<void> {
  const { workflow, status, errorCode, errorText, paused, limit } = options;
  const query = new URLSearchParams({
    limit,
    ...(workflow ? { workflow } : {}),
    ...(status ? { status } : {}),
    ...(errorCode ? { errorCode } : {}),
    ...(errorText ? { errorText } : {}),
    ...(paused ? { paused: 'true' } : {}),
  });
  const page = await callApi<{ items: RunEntry[] }>('GET', `/api/v1/runs?${query}`);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(page)}\n`);
    return;
  }
  if (page.items.length === 0) process.stdout.write('No runs.\n');
  for (const line of table(page.items.map(cells))) process.stdout.write(`${line}\n`);
}

function cells(run: RunEntry): string[] {
  const took = run.startedAt && run.finishedAt ? `${Date.parse(run.finishedAt) - Date.parse(run.startedAt)} ms` : '';
  const queued = run.queuedAt.slice(0, 19).replace('T', ' ');
  return [
    run.id,
    run.status,
    run.version === null ? run.workflow.slug : `${run.workflow.slug}@${run.version}`,
    run.trigger,
    queued,
    took,
    run.error?.message.split('\n')[0]?.slice(0, 80) ?? '',
  ];
}

function table(rows: string[][]): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function register(program: Command): void {
  // options behind `runs cancel` are those of `cancel`, though `runs` has some of the same names
  program.enablePositionalOptions();
  const runs = program
    .command('runs')
    .description('list runs, the newest first; the commands below control them')
    .enablePositionalOptions()
    .option('--workflow <workflow>', 'slug or id')
    .option('--status <status>', 'one or several of queued,running,waiting,succeeded,failed,cancelled')
    .option('--limit <number>', 'how many', '20')
    .option('--error-code <code>', 'that ended with this error')
    .option('--error-text <words>', 'with these words in the message of the error')
    .option('--paused', 'halted by somebody')
    .option('--json', 'print JSON', false)
    .action(listRuns);
  registerRunVerbs(runs);
}
