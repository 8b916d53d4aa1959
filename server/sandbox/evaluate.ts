import { type QuickJSContext, type QuickJSHandle, type QuickJSWASMModule, shouldInterruptAfterDeadline } from 'quickjs-emscripten-core';
import { bootstrap } from './bootstrap';
import { type Answer, type Job, type LogLine, limits, type SandboxFailure } from './protocol';

class GuestFailure extends Error {
  constructor(
    readonly failure: SandboxFailure,
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

/** Runs one job in a runtime of its own. `clean` false: something went wrong and the WASM instance must not be used again. */
export function evaluate(module: QuickJSWASMModule, job: Job): { answer: Answer; clean: boolean } {
  const logs: LogLine[] = [];
  const deadline = Date.now() + job.timeoutMs;
  try {
    const runtime = module.newRuntime();
    runtime.setMemoryLimit(limits.guestHeapBytes);
    runtime.setMaxStackSize(limits.guestStackBytes);
    runtime.setInterruptHandler(shouldInterruptAfterDeadline(deadline));
    const context = runtime.newContext();
    const value = runJob(context, job, logs);
    context.dispose();
    runtime.dispose();
    return { answer: { id: job.id, logs, value }, clean: true };
  } catch (error) {
    const exhausted = module.getWasmMemory().buffer.byteLength > limits.guestHeapBytes / 2;
    return { answer: { id: job.id, logs, ...faultOf(error, Date.now() >= deadline, exhausted) }, clean: false };
  }
}

function runJob(context: QuickJSContext, job: Job, logs: LogLine[]): string {
  const toJson = prepare(context, job.globals, logs);
  const value = settle(context, runSource(context, job.source));
  const text = unwrap(context, context.callFunction(toJson, context.undefined, value));
  const json = context.getString(text);
  for (const handle of [text, value, toJson]) handle.dispose();
  if (json.length > limits.output) {
    throw new GuestFailure(
      'code_too_large',
      `The code returned ${json.length.toLocaleString('en')} characters of JSON; ${limits.output.toLocaleString('en')} are accepted.`,
    );
  }
  return json;
}

function prepare(context: QuickJSContext, globals: string, logs: LogLine[]): QuickJSHandle {
  const send = context.newFunction('send', (level, message) => {
    if (logs.length < limits.logLines) logs.push({ level: context.getString(level), message: context.getString(message) });
  });
  const text = context.newString(globals);
  const install = unwrap(context, context.evalCode(bootstrap, 'bootstrap.js'));
  const toJson = unwrap(context, context.callFunction(install, context.undefined, send, text));
  for (const handle of [install, text, send]) handle.dispose();
  return toJson;
}

/** Code with a `return` or `await` of its own is a function's body; any other is a script whose last expression counts. */
function runSource(context: QuickJSContext, source: string): QuickJSHandle {
  const script = context.evalCode(source, 'code.js', { type: 'global', compileOnly: true });
  if (!script.error) {
    script.value.dispose();
    return unwrap(context, context.evalCode(source, 'code.js', { type: 'global' }));
  }
  script.error.dispose();
  return unwrap(context, context.evalCode(`(async () => {${source}\n})()`, 'code.js', { type: 'global' }));
}

/** Waits for a promise. Nothing outside ever wakes the guest, so one that is still pending when no job is left never settles. */
function settle(context: QuickJSContext, value: QuickJSHandle): QuickJSHandle {
  for (let turn = 0; ; turn++) {
    const jobs = context.runtime.executePendingJobs();
    if (jobs.error) {
      const error = jobs.error;
      throw failureFrom(context, error);
    }
    const state = context.getPromiseState(value);
    if (state.type === 'fulfilled') {
      if (state.notAPromise) return value;
      value.dispose();
      return state.value;
    }
    if (state.type === 'rejected') throw failureFrom(context, state.error);
    if (turn > 0 && !context.runtime.hasPendingJob()) throw new GuestFailure('code_error', neverSettles);
  }
}

function unwrap(context: QuickJSContext, result: { error?: QuickJSHandle; value?: QuickJSHandle }): QuickJSHandle {
  if (result.error) throw failureFrom(context, result.error);
  return result.value as QuickJSHandle;
}

function failureFrom(context: QuickJSContext, error: QuickJSHandle): GuestFailure {
  const read = (key: string) => {
    if (context.typeof(error) !== 'object') return undefined;
    // a getter of the guest's may throw or hang until the deadline
    const property = context.getProp(error, key);
    const text = context.typeof(property) === 'string' ? context.getString(property).slice(0, 2000) : undefined;
    property.dispose();
    return text;
  };
  const name = read('name');
  const message = read('message') ?? (context.typeof(error) === 'string' ? context.getString(error).slice(0, 2000) : noError);
  const line = Number(/code\.js:(\d+)/.exec(read('stack') ?? '')?.[1]) || undefined;
  if (name === 'InternalError' && message === 'interrupted') return new GuestFailure('code_timeout', 'The code did not finish in time.', line);
  if (name === 'InternalError' && message === 'out of memory')
    return new GuestFailure('code_memory', 'The code needs more memory than the sandbox gives.', line);
  const kind = name === 'SyntaxError' ? 'code_syntax' : 'code_error';
  return new GuestFailure(kind, name ? `${name}: ${message}` : message, line);
}

const noError = 'The code threw a value that is no error.';
const neverSettles = 'The code awaits something that never happens.';

function faultOf(error: unknown, late: boolean, exhausted: boolean): { failure: SandboxFailure; message: string; line?: number } {
  // an interrupted promise stays pending, and when there is no memory for an error object QuickJS throws null
  if (late && error instanceof GuestFailure && error.message === neverSettles) return { failure: 'code_timeout', message: 'The code did not finish in time.' };
  if (exhausted && error instanceof GuestFailure && error.message === noError)
    return { failure: 'code_memory', message: 'The code needs more memory than the sandbox gives.' };
  if (error instanceof GuestFailure) return { failure: error.failure, message: error.message, line: error.line };
  if (late) return { failure: 'code_timeout', message: 'The code did not finish in time.' };
  const message = error instanceof Error ? error.message : String(error);
  // WebAssembly gave up: no page left, or its own stack is full
  if (/memory|abort|unreachable|stack|out of bounds/i.test(message))
    return { failure: 'code_memory', message: 'The code needs more memory or stack than the sandbox gives.' };
  return { failure: 'code_error', message };
}
