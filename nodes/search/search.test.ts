import { expect, it } from 'vitest';
import { testFaults, testStep } from '../test-step';

it('hands on what was found', async () => {
  const found = [{ id: 'br/economy', title: 'Brazil', section: 'Economy', text: 't', source: 's', score: 1 }];
  const asked: unknown[] = [];
  const search = {
    search: async (request: unknown) => {
      asked.push(request);
      return found;
    },
  };
  expect((await testStep('search', { query: 'coffee', limit: 2 }, { services: { search } })).output).toEqual(found);
  expect(asked).toEqual([{ query: 'coffee', collection: 'world-factbook', limit: 2 }]);
});
it('knows its collections and limits', () => {
  expect(testFaults('search', { query: 'x', collection: '../secrets' })).toEqual(['collection']);
  expect(testFaults('search', { query: '', limit: 1000 })).toEqual(['query', 'limit']);
});
