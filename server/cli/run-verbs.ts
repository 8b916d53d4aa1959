import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';
import { callApi } from './api-client';
import { readJson } from './read-json';

interface Filter {
  workflow?: string;
  status?: string;
  errorCode?: string;
  errorText?: string;
  since?: string;
}
interface ManyOutcome {
  done: number;
  skipped: number;
  failed: number;
  problems: { runId: string; message: string }[];
  nextCursor: string | null;
}
interface Made {
  runId: string;
  kept?: string[];
  again?: string[];
}
interface Changes {
  from?: string;
  input?: string;
  output: string[];
  version?: string;
}

const spans: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2h` as the moment two hours ago. */
function sinceOf(text: string): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (!count || !unit) throw new Error(`--since wants a time such as 30m, 2h or 7d (found ${text}).`);
  return new Date(Date.now() - Number(count) * (spans[unit] ?? 0)).toISOString();
}

async function filterOf({ workflow, status, errorCode, errorText, since }: Filter): Promise<object> {
  const found = workflow ? await callApi<{ id: string }>('GET', `/api/v1/workflows/${encodeURIComponent(workflow)}`) : undefined;
  return {
    ...(found ? { workflowId: found.id } : {}),
    ...(status ? { status: status.split(',') } : {}),
    ...(errorCode ? { errorCode } : {}),
    ...(errorText ? { errorText } : {}),
    ...(since ? { from: sinceOf(since) } : {}),
  };
}

/** Cancels or retries runs by their ids, or all that the options find, part by part. */
async function many(verb: 'cancel' | 'retry', ids: string[], options: Filter): Promise<void> {
  for (const [name, value] of Object.entries(options)) if (value === '') throw new Error(`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} is empty.`);
  const filter = await filterOf(options);
  if (ids.length > 0 && Object.keys(filter).length > 0) throw new Error('Name ids, or say which runs with options: not both.');
  if (ids.length === 0 && Object.keys(filter).length === 0)
    throw new Error(`Which runs? Name their ids, or say which with --workflow, --status, --error-code, --error-text or --since.`);
  const sum = { done: 0, skipped: 0, failed: 0 };
  let cursor: string | null = null;
  do {
    const part = ids.splice(0, 200);
    const body: object = part.length > 0 ? { ids: part } : { filter, cursor };
    const answer: ManyOutcome = await callApi<ManyOutcome>('POST', `/api/v1/runs/${verb}`, body);
    sum.done += answer.done;
    sum.skipped += answer.skipped;
    sum.failed += answer.failed;
    for (const { runId, message } of answer.problems) process.stderr.write(`heddle  ${runId}: ${message}\n`);
    cursor = part.length > 0 ? null : answer.nextCursor;
  } while (ids.length > 0 || cursor !== null);
  process.stdout.write(`${sum.done} ${verb === 'retry' ? 'retried' : 'asked to stop'}, ${sum.skipped} needed nothing, ${sum.failed} could not.\n`);
  if (sum.failed > 0) process.exitCode = 1;
}

async function tell(verb: 'pause' | 'resume', ids: string[]): Promise<void> {
  for (const id of ids) {
    const { status } = await callApi<{ status: string }>('POST', `/api/v1/runs/${encodeURIComponent(id)}/${verb}`);
    process.stdout.write(`${id}  ${verb === 'pause' ? 'asked to pause' : 'goes on'} (it was ${status})\n`);
  }
}

/** Makes a run from another one; prints its id, and with --json what it keeps. */
async function again(verb: 'rerun' | 'fork' | 'replay', id: string, options: Changes, json: boolean): Promise<void> {
  const outputs = Object.fromEntries(
    await Promise.all(
      options.output.map(async (given) => {
        const at = given.indexOf('=');
        if (at < 1) throw new Error(`--output wants STEP=JSON (found ${given}).`);
        return [given.slice(0, at), await readJson(given.slice(at + 1), '--output')] as const;
      }),
    ),
  );
  const { from, input, version } = options;
  const body = {
    ...(from ? { from } : {}),
    ...(input === undefined ? {} : { input: await readJson(input, '--input') }),
    ...(Object.keys(outputs).length > 0 ? { outputs } : {}),
    ...(version === undefined ? {} : { version: /^\d+$/.test(version) ? Number(version) : version }),
  };
  const made = await callApi<Made>('POST', `/api/v1/runs/${encodeURIComponent(id)}/${verb}`, body, { 'idempotency-key': uuid() });
  if (json) process.stdout.write(`${JSON.stringify(made)}\n`);
  else {
    process.stdout.write(`${made.runId}\n`);
    if (made.kept?.length) process.stderr.write(`heddle  kept: ${made.kept.join(', ')}\n`);
  }
}

/** `heddle runs pause ID`, `runs retry --status failed --workflow x` and the like. */
export function registerRunVerbs(runs: Command): void {
  for (const verb of ['cancel', 'retry'] as const) {
    runs
      .command(verb)
      .argument('[ids...]', 'ids of runs')
      .description(
        verb === 'cancel'
          ? 'stop runs: by their ids, or all that the options find'
          : 'retry failed runs from where they failed: by their ids, or all that the options find',
      )
      .option('--workflow <workflow>', 'slug or id')
      .option('--status <status>', 'one or several, separated by commas')
      .option('--error-code <code>', 'that ended with this error')
      .option('--error-text <words>', 'with these words in the message of the error')
      .option('--since <time>', 'queued in the last 30m, 2h, 7d …')
      .action((ids: string[], options: Filter) => many(verb, ids, options));
  }
  runs
    .command('pause')
    .argument('<ids...>', 'ids of runs')
    .description('halt runs until they are resumed')
    .action((ids: string[]) => tell('pause', ids));
  runs
    .command('resume')
    .argument('<ids...>', 'ids of runs')
    .description('let paused runs go on')
    .action((ids: string[]) => tell('resume', ids));
  const collect = (value: string, all: string[]) => [...all, value];
  for (const verb of ['rerun', 'fork'] as const) {
    const command = runs
      .command(verb)
      .argument('<id>', 'id of a run')
      .description(
        verb === 'rerun'
          ? 'run it again from a step as a new run; what was done before is kept'
          : 'make a copy of it, also while it goes on, that goes on by itself',
      );
    if (verb === 'rerun') command.requiredOption('--from <step>', 'id of the step');
    else command.option('--from <step>', 'id of a step; absent: from wherever it is');
    command
      .option('--input <json>', 'another input as JSON, or @FILE')
      .option('--output <step=json>', 'another output of an earlier step; may be given several times', collect, [])
      .option('--version <version>', 'same, current or a number', 'same')
      .option('--json', 'print JSON', false)
      .action((id: string, options: Changes & { json: boolean }) => again(verb, id, options, options.json));
  }
  runs
    .command('replay')
    .argument('<id>', 'id of a run')
    .description('run it again from the start: same input, same version')
    .option('--json', 'print JSON', false)
    .action((id: string, options: { json: boolean }) => again('replay', id, { output: [] }, options.json));
}
