import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One request that reached the sink. */
export interface Arrival {
  /** ms since the epoch, by this machine's clock */
  at: number;
  key?: string;
  run?: string;
  path?: string;
  /** name/pid of the process that sent it */
  from?: string;
  /** how often the key has arrived, this one included */
  seen: number;
}

/** The process that stands for everything outside of Heddle. */
export class Sink {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly file: string,
  ) {}

  static async start(file: string, slowestMs: number): Promise<Sink> {
    const path = fileURLToPath(new URL('./sink-process.ts', import.meta.url));
    const child = fork(path, [file, String(slowestMs)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [message] = (await once(child, 'message')) as [{ port: number }];
    return new Sink(child, `http://127.0.0.1:${message.port}`, file);
  }

  /** Everything that arrived so far. */
  async arrivals(): Promise<Arrival[]> {
    this.child.send('flush');
    await once(this.child, 'message');
    return readFileSync(this.file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Arrival);
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}
