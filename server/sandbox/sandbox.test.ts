import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Json } from '@/core/workflow/workflow';
import { createSandbox } from './sandbox';

vi.setConfig({ testTimeout: 30_000 });
const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = (source: string, globals: Record<string, Json> = {}, timeoutMs = 10_000, organization = 'a') =>
  sandbox.run(organization, { source, globals, timeoutMs }, new AbortController().signal);
const value = async (source: string, globals?: Record<string, Json>) => (await run(source, globals)).value;
const fault = (source: string, timeoutMs = 10_000) =>
  run(source, {}, timeoutMs).then(
    (r) => r.value,
    (e: { code?: string }) => e.code,
  );

describe('what code can do', () => {
  it.each<[string, Json]>([
    ['1 + 1', 2],
    ['return 1 + 1', 2],
    ['const x = 20; x * 2', 40],
    ['const x = await Promise.resolve(7); return x * 6', 42],
    ['Promise.resolve([1, 2])', [1, 2]],
    ['return { a: undefined, b: NaN, c: new Date(0) }', { b: null, c: '1970-01-01T00:00:00.000Z' }],
    ['undefined', null],
    ['', null],
    ['// only a comment', null],
    ['return data.items.map((i) => i.price).reduce((a, b) => a + b, 0)', 6],
    ['const data2 = data; return data2.items.length', 2],
    ['const input = 5; input', 5],
    ['let total = 0; for (const i of data.items) total += i.price; total', 6],
    ['return "ü€😀"', 'ü€😀'],
  ])('%s', async (source, expected) => {
    expect(await value(source, { data: { items: [{ price: 2 }, { price: 4 }] }, input: null })).toEqual(expected);
  });
  it('logs, with a cap', async () => {
    const { logs } = await run('console.log("a", 1, {b: 2}); console.warn(new Error("oh")); for (let i = 0; i < 300; i++) console.log("x".repeat(3000)); 1');
    expect(logs.slice(0, 2)).toEqual([
      { level: 'info', message: 'a 1 {"b":2}' },
      { level: 'warn', message: 'Error: oh' },
    ]);
    expect(logs.length).toBe(100);
    expect(Math.max(...logs.map((l) => l.message.length))).toBeLessThanOrEqual(2000);
  });
  it('says what was wrong and where', async () => {
    await expect(run('const a = 1;\na.b.c')).rejects.toMatchObject({ code: 'code_error', retryable: false, details: { line: 2 } });
    await expect(run('const a = ;')).rejects.toMatchObject({ code: 'code_syntax' });
    await expect(run('throw "plain"')).rejects.toMatchObject({ message: expect.stringContaining('plain') });
    await expect(run('await new Promise(() => {})')).rejects.toMatchObject({ message: expect.stringContaining('never happens') });
  });
});

describe('what code cannot reach', () => {
  it.each(
    `process require module exports global Buffer fetch XMLHttpRequest WebSocket setTimeout setInterval setImmediate queueMicrotask2 Deno Bun std os WebAssembly Worker importScripts navigator window document performance structuredClone __dirname`.split(
      ' ',
    ),
  )('%s', async (name) => expect(await value(`typeof ${name}`)).toBe('undefined'));
  it.each([
    'this.constructor.constructor("return process")()',
    '[].constructor.constructor("return process")()',
    '(async () => {}).constructor("return process")()',
    '(function* () {}).constructor("return process")().next()',
    'new Function("return require(\'fs\')")()',
    'eval("process.env")',
    'Error.prepareStackTrace = (_, s) => s; new Error().stack[0].getThis().process.env',
    'console.log.constructor("return process.env")()',
    'console.constructor.constructor("return this.process.env")()',
    'Reflect.getPrototypeOf(console.log).constructor("return process")()',
    'import("fs")',
    'await import("node:fs"); return 1',
    'await import("data:text/javascript,export default 1"); return 1',
    'arguments.callee.caller.constructor("return process")()',
    'Object.prototype.__lookupGetter__("__proto__").call(globalThis).constructor.constructor("return process.mainModule")()',
    'new Proxy({}, { get: () => process }).x',
    'Symbol.for("nodejs.util.inspect.custom") && process.exit(1)',
    'try { null.f() } catch (e) { e.constructor.constructor("return process")() }',
  ])('%s', async (source) => expect(await fault(source)).toMatch(/^code_(error|syntax)$/));
  it('one run’s changes are not met by the next', async () => {
    await run('globalThis.leak = 1; Object.prototype.bad = 1; Array.prototype.map = () => "bad"; JSON.stringify = () => "9"; JSON.parse = null; 1');
    expect(await value('[typeof leak, typeof ({}).bad, [1].map(x => x), JSON.stringify(1)]')).toEqual(['undefined', 'undefined', [1], '1']);
  });
  it('cannot forge its answer or pollute ours', async () => {
    expect(await value('JSON.stringify = () => "{"; String.prototype.slice = () => ({}); ({ a: 1 })')).toEqual({ a: 1 });
    expect(await fault('JSON.parse(\'{"__proto__": {"polluted": true}}\')')).toBe('code_error');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(await fault('({ toJSON() { throw new Error("no") } })')).toBe('code_error');
    expect(await fault('const e = new Error(); Object.defineProperty(e, "message", { get() { while (true); } }); throw e', 200)).toMatch(/^code_/);
  });
});

describe('what code cannot use up', () => {
  it.each<[string, string, string]>([
    ['a loop', 'while (true);', 'code_timeout'],
    ['a loop that catches', 'while (true) { try { while (true); } catch {} }', 'code_timeout'],
    ['a loop in finally', 'try { while (true); } finally { while (true); }', 'code_timeout'],
    ['promises without end', 'const f = () => Promise.resolve().then(f); await f()', 'code_timeout|code_memory'],
    ['a slow expression', '/^(a+)+$/.test("a".repeat(40) + "b")', 'code_timeout|code_error'],
    ['a sort', 'const a = Array.from({ length: 1e6 }, Math.random); while (true) a.sort()', 'code_timeout|code_memory'],
    ['arrays', 'const a = []; while (true) a.push(new Array(1e5).fill(1))', 'code_memory'],
    ['typed arrays', 'const a = []; while (true) a.push(new Uint8Array(1e7).fill(1))', 'code_memory'],
    ['one big buffer', 'new ArrayBuffer(2 ** 31)', 'code_memory|code_error'],
    ['strings', 'let s = "x"; while (true) s += s', 'code_memory|code_error'],
    ['repeat', '"x".repeat(2 ** 30)', 'code_memory|code_error'],
    ['caught memory', 'const a = []; while (true) { try { while (true) a.push("x".repeat(1e6) + a.length) } catch {} }', 'code_memory|code_timeout|code_error'],
    ['the stack', 'const f = () => f(); f()', 'code_error|code_memory'],
    ['the stack through JSON', 'let o = {}; for (let i = 0; i < 1e6; i++) o = { o }; JSON.stringify(o)', 'code_error|code_memory|code_timeout'],
    ['the stack through parse', 'JSON.parse("[".repeat(1e6))', 'code_error|code_syntax|code_memory'],
    ['the stack through eval', 'eval("(".repeat(1e5))', 'code_error|code_syntax|code_memory'],
    ['the stack through toString', 'const a = []; a[0] = a; const o = { toString() { return `${this}` } }; `${o}`', 'code_error|code_memory'],
    ['a large answer', '"x".repeat(1_000_001)', 'code_too_large'],
    ['a cyclic answer', 'const a = {}; a.a = a; a', 'code_error'],
    ['a BigInt answer', '({ n: 1n })', 'code_error'],
    ['symbols', 'const m = new Map(); for (let i = 0; ; i++) m.set(Symbol(i), new Array(100))', 'code_memory|code_timeout'],
    ['functions', 'const a = []; while (true) a.push(new Function("return " + a.length))', 'code_memory|code_timeout'],
  ])('%s', async (_what, source, expected) => {
    // on a busy machine the time limit may come before the other one
    expect(await fault(source, 500)).toMatch(new RegExp(`^(${expected}|code_timeout)$`));
  });

  it('goes on afterwards, small', async () => {
    expect(await value('6 * 7')).toBe(42);
    const { readFileSync } = await import('node:fs');
    const rss = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${sandbox.pid}/status`, 'utf8'))?.[1]) / 1024;
    expect(rss).toBeLessThan(450);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the runner process', () => {
  it('has no environment and starts anew when it dies', async () => {
    const { readFileSync } = await import('node:fs');
    await value('1');
    const first = sandbox.pid as number;
    expect(readFileSync(`/proc/${first}/environ`, 'utf8').replace(/NODE_CHANNEL_\w+=\w+\0/g, '')).toBe('');
    const running = run('while (true);', {}, 5000).catch((e: { code: string }) => e.code);
    setTimeout(() => process.kill(first, 'SIGKILL'), 100);
    expect(await running).toBe('sandbox_crashed');
    expect(await value('2')).toBe(2);
    expect(sandbox.pid).not.toBe(first);
  });
  it('stops code when the run is cancelled', async () => {
    const stop = new AbortController();
    const running = sandbox.run('a', { source: 'while (true);', globals: {}, timeoutMs: 20_000 }, stop.signal);
    setTimeout(() => stop.abort(new Error('cancelled')), 50);
    await expect(running).rejects.toThrow('cancelled');
    expect(await value('3')).toBe(3);
  });
  it('lets others in while one organization floods', async () => {
    const flood = Array.from({ length: 6 }, () => run('const e = Date.now() + 150; while (Date.now() < e); 1', {}, 2000, 'flooder'));
    const began = Date.now();
    await run('1', {}, 2000, 'quiet');
    expect(Date.now() - began).toBeLessThan(700);
    await Promise.all(flood);
  });
  it('ends when idle', async () => {
    const short = createSandbox({ idleMs: 50 });
    await short.run('a', { source: '1', globals: {}, timeoutMs: 1000 }, new AbortController().signal);
    const pid = short.pid as number;
    await expect.poll(() => short.pid, { timeout: 3000 }).toBeUndefined();
    // at once, whether or not the old process is gone
    expect((await short.run('a', { source: '2', globals: {}, timeoutMs: 1000 }, new AbortController().signal)).value).toBe(2);
    await expect.poll(() => isAlive(pid), { timeout: 3000 }).toBe(false);
    await short.close();
  });
  it('fails the job that hung and starts its neighbours again', async () => {
    const own = createSandbox({ hangMs: 300 });
    const start = (organization: string, timeoutMs: number) =>
      own.run(organization, { source: 'const e = Date.now() + 300; while (Date.now() < e); 1', globals: {}, timeoutMs }, new AbortController().signal);
    await start('a', 5_000);
    const first = own.pid as number;
    const hangs = start('a', 500).catch((e: { code: string }) => e.code);
    const neighbour = start('b', 5_000);
    await new Promise((resolve) => setImmediate(resolve)); // both are in the runner
    process.kill(first, 'SIGSTOP');
    expect(await hangs).toBe('sandbox_crashed');
    expect((await neighbour).value).toBe(1);
    expect(own.pid).not.toBe(first);
    await own.close();
  });
});
