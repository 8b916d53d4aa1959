import type { Command } from 'commander';
import { projectRoot } from '@/server/processes/project-root';
import { supervise } from '@/server/processes/supervisor';

export function register(program: Command): void {
  program
    .command('start')
    .description('start everything: database, web and worker (what `npm start` does)')
    .option('--dev', 'development: Next renews pages as you edit, web and worker restart', false)
    .action((options: { dev: boolean }) => supervise(projectRoot(), options));
}
