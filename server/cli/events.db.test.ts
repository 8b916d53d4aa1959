import { Command } from 'commander';
import { afterAll, expect, it, vi } from 'vitest';
import { makeTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp } from '@/server/db/testing-http';
import { createWorkflow } from '@/server/workflows';
import { register } from './events';

const cleanUp: (() => Promise<void>)[] = [];
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const each of cleanUp.reverse()) await each();
});

/** What `heddle …` prints. */
async function heddle(...args: string[]): Promise<string> {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    const program = new Command('heddle').exitOverride();
    register(program);
    await program.parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return printed.trim();
}

it('heddle events publishes, lists and replays; options behind a word belong to it', async () => {
  const database = await testDatabase();
  const [tenant, server] = [await makeTenant(), await serveHttp()];
  cleanUp.push(database.close, server.close);
  vi.stubEnv('HEDDLE_URL', server.url);
  vi.stubEnv('HEDDLE_API_KEY', await keyOf(tenant));
  await createWorkflow(tenant.ctx, { definition: { workflow: { name: 'orders', triggers: [{ event: 'order.*' }], steps: [{ id: 'a' }] } } });
  expect(await heddle('events')).toBe('No events.');
  expect(await heddle('events', 'publish', 'order.created', '--subject', 'o-1', '--data', '{"n": 1}')).toMatch(
    /^[0-9a-f-]{36}\nstarted orders: [0-9a-f-]{36}$/,
  );
  await heddle('events', 'publish', 'invoice.sent');
  expect(JSON.parse(await heddle('events', '--subject', 'o-1', '--json')).items).toMatchObject([{ type: 'order.created', data: { n: 1 }, started: 1 }]);
  expect((await heddle('events')).split('\n')).toEqual([expect.stringContaining('invoice.sent'), expect.stringMatching(/order\.created +o-1 {2}1 run$/)]);
  const range = ['--from', '2020-01-01T00:00:00Z', '--subject', 'o-1', '--workflow', 'orders'];
  expect(await heddle('events', 'replay', ...range, '--dry-run')).toBe('1 event is meant.');
  expect(await heddle('events', 'replay', ...range)).toBe('1 event is dispatched again.');
});
