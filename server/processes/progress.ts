const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface Step {
  /** changes what is being done */
  update(label: string): void;
  /** says it is done, in the past tense; nothing when `text` is absent */
  done(text?: string): void;
}

/** What the supervisor tells about its work: a live line on a terminal, plain lines in a log. */
export interface Progress {
  step(label: string): Step;
  say(text: string): void;
  warn(text: string): void;
  /** removes the live line */
  clear(): void;
}

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export function createProgress(output: Output = process.stderr): Progress {
  return output.isTTY ? liveProgress(output) : plainProgress(output);
}

function elapsed(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function plainProgress(output: Output): Progress {
  const line = (text: string): void => void output.write(`heddle  ${text}\n`);
  return {
    step(label) {
      const since = Date.now();
      line(`${label} …`);
      return { update: (next) => line(`${next} …`), done: (text) => (text ? line(`${text} (${elapsed(since)})`) : undefined) };
    },
    say: line,
    warn: line,
    clear: () => {},
  };
}

function liveProgress(output: Output): Progress {
  const active = new Map<object, { label: string; since: number }>();
  let timer: NodeJS.Timeout | undefined;
  let frame = 0;
  const wipe = (): void => void output.write('\r\x1b[2K');
  const draw = (): void => {
    const steps = [...active.values()].map((s) => `${s.label} \x1b[2m${Math.floor((Date.now() - s.since) / 1000)} s\x1b[0m`);
    wipe();
    if (steps.length > 0) output.write(`\x1b[36m${frames[frame++ % frames.length]}\x1b[0m ${steps.join(' · ')}`);
  };
  const print = (text: string): void => {
    wipe();
    output.write(`${text}\n`);
    if (active.size > 0) draw();
  };
  const settle = (): void => {
    if (active.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    wipe();
  };
  return {
    step(label) {
      const key = {};
      const since = Date.now();
      active.set(key, { label, since });
      timer ??= setInterval(draw, 100).unref();
      draw();
      return {
        update(next) {
          active.set(key, { label: next, since });
        },
        done(text) {
          active.delete(key);
          if (text) print(`\x1b[32m✔\x1b[0m ${text} \x1b[2m${elapsed(since)}\x1b[0m`);
          settle();
        },
      };
    },
    say: print,
    warn: (text) => print(`\x1b[33m!\x1b[0m ${text}`),
    clear() {
      active.clear();
      settle();
    },
  };
}
