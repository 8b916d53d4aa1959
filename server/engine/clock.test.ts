import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EngineClock } from './clock';

const database = vi.hoisted(() => ({ ahead: 0, readings: 0, down: false }));
vi.mock('@/server/queue/engine-pool', () => ({
  enginePool: () => ({
    connect: async () => {
      if (database.down) throw new Error('down');
      return {
        query: async () => {
          database.readings++;
          return { rows: [{ ms: String(1_000_000 + database.ahead + performance.now()) }] };
        },
        release: () => {},
      };
    },
  }),
}));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout'] });
  Object.assign(database, { ahead: 0, readings: 0, down: false });
});
afterEach(() => vi.useRealTimers());

const by = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const source = { query: async () => ({ rows: [{ ms: String(1_000_000 + performance.now()) }] }) } as never;

it('reads the clock of the database again each minute it is used, not more often', async () => {
  const clock = new EngineClock();
  await clock.synchronize(source);
  const start = clock.now();
  database.ahead = 300;
  await by(59_000);
  expect(clock.now() - start).toBe(59_000);
  await by(2_000);
  clock.now();
  await by(0);
  expect(clock.now() - start).toBe(61_300);
  for (let i = 0; i < 10; i++) clock.now();
  await by(30_000);
  clock.now();
  expect(database.readings).toBe(1);
});

it('reads again after a jump of the machine’s clock, and bears a database that is away', async () => {
  const clock = new EngineClock();
  await clock.synchronize(source);
  database.down = true;
  database.ahead = 3_600_000;
  vi.setSystemTime(Date.now() + 3_600_000);
  const before = clock.now();
  await by(100);
  expect(clock.now() - before).toBe(100);
  database.down = false;
  await by(5_000);
  clock.now();
  await by(0);
  expect(clock.now() - before).toBe(3_605_100);
  expect(database.readings).toBe(1);
});
