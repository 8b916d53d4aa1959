import { expect, it } from 'vitest';
import { undoneBy } from './run-state-note';

const error = (details: unknown) => ({ code: 'broken', message: 'no', details }) as never;

it('reads what was undone off the error of a run that has ended', () => {
  const details = { undone: ['pay'], notUndone: ['hotel'], cause: null };
  expect(undoneBy({ error: error(details), finishedAt: 1 })).toEqual({ undone: ['pay'], notUndone: ['hotel'] });
  expect(undoneBy({ error: error(details), finishedAt: null })).toBeUndefined();
  for (const other of [undefined, null, [], 'x', {}, { undone: [], notUndone: [] }, { undone: 3 }])
    expect(undoneBy({ error: error(other), finishedAt: 1 })).toBeUndefined();
});
