import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';
import { callApi } from './api-client';
import { readJson } from './read-json';

interface Result {
  runId: string;
  status?: string;
  output?: unknown;
  error?: { message: string; step?: string } | null;
}
const ended = new Set(['succeeded', 'failed', 'cancelled']);

async function run(workflow: string, options: { input?: string; wait: boolean; json: boolean }): Promise<void> {
  const body = { input: options.input === undefined ? {} : await readJson(options.input, '--input') };
  const wait = options.wait ? '?wait=60' : '';
  let result = await callApi<Result>('POST', `/api/v1/workflows/${encodeURIComponent(workflow)}/runs${wait}`, body, { 'idempotency-key': uuid() });
  while (options.wait && !ended.has(result.status ?? '')) {
    const { status, output, error } = await callApi<Result>('GET', `/api/v1/runs/${result.runId}`);
    result = { runId: result.runId, status, output, error };
    if (!ended.has(status ?? '')) await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  if (options.wait && result.status !== 'succeeded') process.exitCode = 1;
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (!options.wait) process.stdout.write(`${result.runId}\n`);
  else if (result.status === 'succeeded') process.stdout.write(`${JSON.stringify(result.output, null, 2)}\n`);
  else
    process.stderr.write(
      `heddle  run ${result.runId} ${result.status}${result.error ? `: ${result.error.step ? `step ${result.error.step}: ` : ''}${result.error.message}` : ''}\n`,
    );
}

export function register(program: Command): void {
  program
    .command('run')
    .argument('<workflow>', 'slug or id')
    .description('start a run and print its id; with --wait its output')
    .option('--input <json>', 'the input as JSON, or @FILE')
    .option('--wait', 'wait until it has ended; exit 1 unless it succeeded', false)
    .option('--json', 'print JSON', false)
    .action(run);
}
