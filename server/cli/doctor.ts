import type { Command } from 'commander';
import { diagnose } from '@/server/processes/doctor';
import { projectRoot } from '@/server/processes/project-root';

const marks = { ok: 'ok  ', warning: 'warn', problem: 'FAIL' };

export function register(program: Command): void {
  program
    .command('doctor')
    .description('check what Heddle needs: Node, database, migrations, roles, secret, disk, port')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }) => {
      const findings = await diagnose(projectRoot());
      if (options.json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else for (const { name, state, text } of findings) process.stdout.write(`${marks[state]}  ${name.padEnd(12)} ${text}\n`);
      if (findings.some((f) => f.state === 'problem')) process.exitCode = 1;
    });
}
