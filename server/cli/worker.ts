import type { Command } from 'commander';
import { projectRoot } from '@/server/processes/project-root';
import { runSingle } from '@/server/processes/run-single';

export function register(program: Command): void {
  program
    .command('worker')
    .description('one worker process on an existing database (DATABASE_URL, HEDDLE_SECRET)')
    .action(() => runSingle(projectRoot(), 'worker', false));
}
