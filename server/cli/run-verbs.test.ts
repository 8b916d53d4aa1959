import { Command } from 'commander';
import { beforeEach, expect, it, vi } from 'vitest';
import { register } from './runs';

const calls: { method: string; path: string; body: unknown }[] = [];
vi.mock('./api-client', () => ({
  callApi: async (method: string, path: string, body: unknown) => {
    calls.push({ method, path, body });
    if (path.startsWith('/api/v1/workflows/')) return { id: 'W' };
    if (path.startsWith('/api/v1/runs?')) return { items: [] };
    return { runId: 'N', status: 'running', done: 1, skipped: 0, failed: 0, problems: [], nextCursor: calls.length < 3 ? 'C' : null };
  },
}));
const run = async (...args: string[]) => {
  const program = new Command('heddle').exitOverride();
  register(program);
  await program.parseAsync(['runs', ...args], { from: 'user' });
  return calls;
};
beforeEach(() => {
  calls.length = 0;
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

it('gives options to the command they stand behind, and goes on from part to part', async () => {
  expect(await run('retry', '--workflow', 'orders', '--status', 'failed,cancelled', '--error-code', 'timeout')).toEqual([
    { method: 'GET', path: '/api/v1/workflows/orders', body: undefined },
    { method: 'POST', path: '/api/v1/runs/retry', body: { filter: { workflowId: 'W', status: ['failed', 'cancelled'], errorCode: 'timeout' }, cursor: null } },
    { method: 'POST', path: '/api/v1/runs/retry', body: { filter: { workflowId: 'W', status: ['failed', 'cancelled'], errorCode: 'timeout' }, cursor: 'C' } },
  ]);
});

it('sends the whole filter of a cancel, and refuses one that says less than was meant', async () => {
  const [, cancel] = await run('cancel', '--workflow', 'orders', '--since', '3h');
  expect(cancel).toMatchObject({ method: 'POST', path: '/api/v1/runs/cancel', body: { filter: { workflowId: 'W', from: expect.stringMatching(/Z$/) } } });
  calls.length = 0;
  await expect(run('cancel', '--workflow', '', '--since', '3h')).rejects.toThrow('--workflow is empty');
  await expect(run('cancel', 'R', '--error-code', 'x')).rejects.toThrow('not both');
  expect(calls).toEqual([]);
});

it('lists with its own options, and asks which runs are meant', async () => {
  expect((await run('--status', 'failed', '--limit', '3'))[0]?.path).toBe('/api/v1/runs?limit=3&status=failed');
  await expect(run('cancel')).rejects.toThrow('Which runs?');
  await expect(run('cancel', '--since', 'ever')).rejects.toThrow('--since wants a time');
});

it('sends what a re-run changes', async () => {
  expect((await run('rerun', 'R', '--from', 'b', '--output', 'a={"x":1}', '--input', '[2]', '--version', '7', '--json'))[0]).toEqual({
    method: 'POST',
    path: '/api/v1/runs/R/rerun',
    body: { from: 'b', input: [2], outputs: { a: { x: 1 } }, version: 7 },
  });
  await expect(run('rerun', 'R', '--from', 'b', '--output', 'x')).rejects.toThrow('--output wants STEP=JSON');
});
