import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';
import { callApi } from './api-client';

interface Entry {
  id: string;
  type: string;
  subject: string | null;
  data: unknown;
  at: string;
  source: string;
  started: number;
  answered: number;
  leftOut: number;
}
type Page = { items: Entry[]; nextCursor: string | null };
interface ListOptions {
  pattern?: string;
  subject?: string;
  text?: string;
  from?: string;
  to?: string;
  limit: string;
  follow: boolean;
  json: boolean;
}

async function events({ follow, json, ...filter }: ListOptions): Promise<void> {
  const print = (entry: Entry) => process.stdout.write(`${json ? JSON.stringify(entry) : line(entry)}\n`);
  const first = await callApi<Page>('GET', `/api/v1/events?${new URLSearchParams({ ...filter })}`);
  if (!follow) {
    if (json) process.stdout.write(`${JSON.stringify(first)}\n`);
    else for (const entry of first.items) print(entry);
    if (!json && first.items.length === 0) process.stdout.write('No events.\n');
    return;
  }
  const shown = new Set<string>();
  for (const entry of first.items.reverse()) {
    shown.add(entry.id);
    print(entry);
  }
  let from = first.items.at(-1)?.at ?? new Date(Date.now() - 60_000).toISOString();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // one that was begun earlier may be committed later: the last seconds are asked for again
    const since = new Date(Date.parse(from) - 10_000).toISOString();
    for await (const entry of oldestFirst({ ...filter, from: since, limit: '200' })) {
      if (shown.has(entry.id)) continue;
      shown.add(entry.id);
      print(entry);
      if (entry.at > from) from = entry.at;
    }
    while (shown.size > 50_000) shown.delete(shown.values().next().value as string);
  }
}

async function* oldestFirst(filter: Record<string, string>): AsyncGenerator<Entry> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ ...filter, order: 'oldest', ...(cursor ? { cursor } : {}) });
    const page: Page = await callApi<Page>('GET', `/api/v1/events?${query}`);
    yield* page.items;
    cursor = page.nextCursor;
  }
}

function line({ id, at, type, subject, started, answered, leftOut, source }: Entry): string {
  const did = [
    started > 0 && `${started} ${started === 1 ? 'run' : 'runs'}`,
    answered > 0 && `${answered} answered`,
    leftOut > 0 && `${leftOut} left out`,
    source === 'replay' && 'replay',
  ].filter(Boolean);
  return [id, at.slice(0, 19).replace('T', ' '), type.padEnd(20), subject ?? '', did.join(', ')].join('  ').trimEnd();
}

async function publish(type: string, options: { subject?: string; data?: string; json: boolean }): Promise<void> {
  const body = { type, ...(options.subject ? { subject: options.subject } : {}), data: await readData(options.data) };
  const sent = await callApi<{ id: string; runs: { workflow: { slug: string }; runId: string }[]; leftOut: { workflow: { slug: string }; reason: string }[] }>(
    'POST',
    '/api/v1/events',
    body,
    { 'idempotency-key': uuid() },
  );
  if (options.json) {
    process.stdout.write(`${JSON.stringify(sent)}\n`);
    return;
  }
  process.stdout.write(`${sent.id}\n`);
  for (const { workflow, runId } of sent.runs) process.stdout.write(`started ${workflow.slug}: ${runId}\n`);
  for (const { workflow, reason } of sent.leftOut) process.stdout.write(`left out ${workflow.slug}: ${reason}\n`);
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

interface ReplayOptions {
  from: string;
  to?: string;
  pattern?: string;
  subject?: string;
  workflow?: string;
  dryRun: boolean;
}

async function replay(options: ReplayOptions): Promise<void> {
  // without an end it would repeat for ever what the repeated runs publish
  const range = { ...options, to: options.to ?? new Date().toISOString(), limit: 10_000 };
  let events = 0;
  for (let after: string | null = ''; after !== null; ) {
    const done: { events: number; nextAfter: string | null } = await callApi(
      'POST',
      '/api/v1/events/replay',
      { ...range, ...(after ? { after } : {}) },
      { 'idempotency-key': uuid() },
    );
    events += done.events;
    after = done.nextAfter;
  }
  process.stdout.write(`${events === 1 ? '1 event is' : `${events} events are`} ${options.dryRun ? 'meant' : 'dispatched again'}.\n`);
}

export function register(program: Command): void {
  const command = program
    // else an option behind `publish` would be taken for one of the list
    .enablePositionalOptions()
    .command('events')
    .enablePositionalOptions()
    .description('list the events of the organization, the newest first; publish one; replay stored ones')
    .option('--pattern <pattern>', 'order.created, "order.*" or "order.**"')
    .option('--subject <subject>', 'what they are about')
    .option('--text <text>', 'stands in their data')
    .option('--from <time>', 'ISO time')
    .option('--to <time>', 'ISO time')
    .option('--limit <number>', 'how many', '20')
    .option('--follow', 'go on and show new ones as they come', false)
    .option('--json', 'print JSON', false)
    .action(events);
  command
    .command('publish')
    .argument('<type>', 'such as order.created')
    .description('publish an event and print what it started')
    .option('--subject <subject>', 'what it is about')
    .option('--data <json>', 'JSON, or @FILE')
    .option('--json', 'print JSON', false)
    .action(publish);
  command
    .command('replay')
    .description('dispatch stored events again, the oldest first')
    .requiredOption('--from <time>', 'ISO time')
    .option('--to <time>', 'ISO time; absent: until now')
    .option('--pattern <pattern>', 'order.created, "order.*" or "order.**"')
    .option('--subject <subject>', 'what they are about')
    .option('--workflow <workflow>', 'slug or id: start only this one; absent: all whose trigger matches')
    .option('--dry-run', 'only count', false)
    .action(replay);
}
