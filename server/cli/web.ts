import type { Command } from 'commander';
import { projectRoot } from '@/server/processes/project-root';
import { runSingle } from '@/server/processes/run-single';

export function register(program: Command): void {
  program
    .command('web')
    .description('one web process on an existing database (DATABASE_URL, HEDDLE_SECRET); a load balancer stands before several')
    .option('--dev', 'development: Next renews pages as you edit', false)
    .action((options: { dev: boolean }) => runSingle(projectRoot(), 'web', options.dev));
}
