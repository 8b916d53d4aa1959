import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';
import { callApi } from './api-client';

async function signal(runId: string, name: string, options: { data?: string }): Promise<void> {
  const path = `/api/v1/runs/${encodeURIComponent(runId)}/signals/${encodeURIComponent(name)}`;
  await callApi('POST', path, await readData(options.data), { 'idempotency-key': uuid() });
  process.stdout.write(`Sent ${name} to run ${runId}.\n`);
}

async function readData(given: string | undefined): Promise<unknown> {
  if (given === undefined) return {};
  const text = given.startsWith('@') ? await readFile(given.slice(1), 'utf8') : given;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`--data wants JSON, or @FILE with JSON: ${(error as Error).message}`);
  }
}

export function register(program: Command): void {
  program
    .command('signal')
    .argument('<run>', 'id of the run')
    .argument('<name>', 'name of the signal')
    .description('send a run the signal that one of its steps waits for')
    .option('--data <json>', 'what the signal carries, as JSON or @FILE')
    .action(signal);
}
