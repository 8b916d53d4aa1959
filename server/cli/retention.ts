import type { Command } from 'commander';
import { withDatabase } from '@/server/processes/with-database';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { planRetention, runRetention } from '@/server/retention';

export function register(program: Command): void {
  program
    .command('retention')
    .description('remove runs that are kept no longer, as the daily job does')
    .option('--dry-run', 'say what would go, and change nothing')
    .action(({ dryRun }: { dryRun?: boolean }) =>
      withDatabase(async () => {
        try {
          process.stdout.write(dryRun ? await plan() : await remove());
        } finally {
          await closeEnginePool();
        }
      }),
    );
}

async function plan(): Promise<string> {
  const found = await planRetention();
  if (found.length === 0) return 'Nothing would go.\n';
  return found.map(({ organizationId, runs, keepFrom }) => `${organizationId}  ${runs} runs from before ${keepFrom}\n`).join('');
}

async function remove(): Promise<string> {
  const report = await runRetention(new AbortController().signal);
  if (!report) return 'Another process is at it.\n';
  const weeks = report.weeks.length > 0 ? `, ${report.weeks.length} weeks of them whole` : '';
  return `${report.runs} runs with ${report.events} events and ${report.blobs} blobs went${weeks}. Their counts a day are kept.\n`;
}
