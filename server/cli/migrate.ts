import type { Command } from 'commander';
import { withDatabase } from '@/server/processes/with-database';

export function register(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to date, without starting anything')
    .action(() =>
      withDatabase(async ({ applied, place }) => {
        process.stdout.write(
          applied.length > 0
            ? `${applied.map((name) => `applied ${name}\n`).join('')}The database ${place} is up to date.\n`
            : `The database ${place} was up to date.\n`,
        );
      }),
    );
}
