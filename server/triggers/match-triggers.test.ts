import { expect, test } from 'vitest';
import type { Trigger } from '@/core/workflow/workflow';
import { matchTriggers } from './match-triggers';

const hook = (id: string, position: number, settings = {}) => ({ id, position, type: 'webhook', settings });

test('a trigger keeps its row when others are removed before it', () => {
  const stored = [hook('a', 0, { method: 'GET' }), hook('b', 1, { method: 'POST', respond: 'last' })];
  expect(matchTriggers([{ type: 'webhook', with: { respond: 'last', method: 'POST' } }], stored).map((t) => t?.id)).toEqual(['b']);
});

test('changed settings keep the row at the same place, and a new trigger takes none of another type', () => {
  const stored = [hook('a', 0), { id: 's', position: 1, type: 'schedule', settings: {} }];
  const next: Trigger[] = [
    { type: 'webhook', with: { method: 'GET' } },
    { type: 'webhook', with: {} },
    { type: 'schedule', with: { cron: '0 1 * * *' } },
  ];
  expect(matchTriggers(next, stored).map((t) => t?.id)).toEqual([undefined, 'a', 's']);
  expect(matchTriggers(next.slice(0, 1), stored).map((t) => t?.id)).toEqual(['a']);
});
