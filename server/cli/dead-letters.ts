import type { Command } from 'commander';
import { callApi } from './api-client';

interface Letter {
  id: string;
  runId: string;
  workflow: { slug: string };
  version: number | null;
  step: string | null;
  message: string;
  attempts: number;
  reason: string;
  at: string;
}
interface Options {
  workflow?: string;
  reason?: string;
  status: string;
  search?: string;
  limit: string;
  retry: boolean;
  discard: boolean;
  json: boolean;
}

async function deadLetters(ids: string[], options: Options): Promise<void> {
  if (options.retry && options.discard) throw new Error('Give --retry or --discard, not both.');
  if (options.retry || options.discard) return resolve(ids, options);
  const { workflow, reason, status, search, limit } = options;
  const query = new URLSearchParams({ limit, status, ...(workflow ? { workflow } : {}), ...(reason ? { reason } : {}), ...(search ? { q: search } : {}) });
  const page = await callApi<{ items: Letter[]; nextCursor: string | null }>('GET', `/api/v1/dead-letters?${query}`);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(page)}\n`);
    return;
  }
  if (page.items.length === 0) process.stdout.write('No dead letters.\n');
  for (const letter of page.items) process.stdout.write(`${line(letter)}\n`);
  if (page.nextCursor) process.stdout.write('There are more: --limit shows up to 100, --search and --workflow narrow them.\n');
}

function line({ id, reason, workflow, version, step, attempts, at, message }: Letter): string {
  const what = `${version === null ? workflow.slug : `${workflow.slug}@${version}`}${step ? `/${step}` : ''}`;
  return [id, reason.padEnd(9), at.slice(0, 19).replace('T', ' '), what, `${attempts}×`, message.split('\n')[0]?.slice(0, 100)].join('  ');
}

/** Without ids all open ones that the filters find, a hundred at a time until none is left. */
async function resolve(ids: string[], options: Options): Promise<void> {
  const { workflow, reason, search: q } = options;
  const body = ids.length > 0 ? { ids } : { filter: { ...(workflow ? { workflow } : {}), ...(reason ? { reason } : {}), ...(q ? { q } : {}) } };
  const done: unknown[] = [];
  const failed: { id: string; message: string }[] = [];
  for (let remaining = 1; remaining > 0; ) {
    const path = `/api/v1/dead-letters/${options.retry ? 'retry' : 'discard'}`;
    const answer = await callApi<{ retried?: unknown[]; discarded?: unknown[]; failed?: typeof failed; remaining: number }>('POST', path, body);
    const now = answer.retried ?? answer.discarded ?? [];
    done.push(...now);
    failed.push(...(answer.failed ?? []));
    remaining = now.length > 0 ? answer.remaining : 0;
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ [options.retry ? 'retried' : 'discarded']: done, failed })}\n`);
  else process.stdout.write(`${done.length} dead letter${done.length === 1 ? ' was' : 's were'} ${options.retry ? 'retried' : 'discarded'}.\n`);
  if (!options.json) for (const { id, message } of failed) process.stderr.write(`heddle  ${id} stays: ${message}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

export function register(program: Command): void {
  program
    .command('dead-letters')
    .description('list runs that need somebody; retry or discard them')
    .argument('[ids...]', 'with --retry or --discard: these; without ids all that the filters find')
    .option('--workflow <workflow>', 'slug or id')
    .option('--reason <reason>', 'exhausted or poisoned')
    .option('--status <status>', 'open, retried or discarded', 'open')
    .option('--search <text>', 'in message, code, step or workflow')
    .option('--limit <number>', 'how many to list', '20')
    .option('--retry', 'run them again from where they failed', false)
    .option('--discard', 'put them aside', false)
    .option('--json', 'print JSON', false)
    .action(deadLetters);
}
