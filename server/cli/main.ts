import { Command } from 'commander';
import { processEnvironment } from '@/server/env';
import { setProjectRoot } from '@/server/processes/project-root';

/** A file of this folder that adds one command. */
interface CommandModule {
  register(program: Command): void;
}

/** Loaded only when named (or for the help), so that `heddle start` does not carry what `heddle apply` needs. */
const commands: Record<string, () => Promise<CommandModule>> = {
  start: () => import('./start'),
  web: () => import('./web'),
  worker: () => import('./worker'),
  migrate: () => import('./migrate'),
  doctor: () => import('./doctor'),
  bootstrap: () => import('./bootstrap'),
  apply: () => import('./apply'),
  export: () => import('./export'),
  run: () => import('./run'),
  runs: () => import('./runs'),
  events: () => import('./events'),
  signal: () => import('./signal'),
  retention: () => import('./retention'),
  'dead-letters': () => import('./dead-letters'),
};

/** Entry of bin/heddle: `root` is the folder of the clone, `args` what follows `heddle`. */
export async function main(root: string, args: string[]): Promise<void> {
  setProjectRoot(root);
  const program = new Command('heddle')
    .description('Draw AI workflows in the browser, run them durably.')
    .showHelpAfterError('(heddle --help lists the commands)');
  const named = args.find((a) => !a.startsWith('-'));
  const wanted = named && commands[named] ? [commands[named]] : Object.values(commands);
  for (const load of wanted) (await load()).register(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.stderr.write(`heddle  ${describe(error)}\n`);
    process.exitCode = 1;
  }
  // a pool or timer that a command left open must not keep a finished command alive
  process.exit(process.exitCode ?? 0);
}

/** Expected failures speak for themselves; LOG_LEVEL=debug shows the stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const problems = (error as { problems?: { path: string; message: string }[] }).problems ?? [];
  // a lone problem is the message itself
  const lines = problems.length === 1 && error.message.includes(problems[0]?.message ?? '') ? '' : problems.map((p) => `\n  ${p.path}: ${p.message}`).join('');
  return `${error.message}${lines}${processEnvironment().LOG_LEVEL === 'debug' ? `\n${error.stack}` : ''}`;
}
