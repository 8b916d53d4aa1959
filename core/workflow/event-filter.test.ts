import { expect, it } from 'vitest';
import { checkEventFilter, compileEventFilter, type EventView, textAt } from './event-filter';

const event: EventView = {
  type: 'order.created',
  subject: 'o-1',
  data: { total: 150, order: { id: '17' }, tags: ['new'] },
  id: 'e',
  at: '2026-01-01T00:00:00Z',
};
const matches = (source: string) => compileEventFilter(source).matches(event);

it('is CEL over the event alone', () => {
  expect(matches('event.data.total > 100 && event.subject == "o-1"')).toBe(true);
  expect(matches('event.data.total > 200')).toBe(false);
  expect(checkEventFilter('event.data.total > 100')).toEqual([]);
  expect(checkEventFilter('input.total > 100')).toEqual([expect.stringContaining('unknown name "input"')]);
  expect(checkEventFilter('event.total > 100')).toEqual(['there is no event.total; did you mean event.data.total?']);
  expect(checkEventFilter('event.data.total >')).toHaveLength(1);
});

it('fails visibly where data is missing or the answer is no yes or no', () => {
  expect(() => matches('event.data.totl > 1')).toThrow(/totl/);
  expect(() => matches('event.data.total')).toThrow('a filter must give true or false, this gave a number');
});

it('tells the text that must be there, if it is plain', () => {
  const keyOf = (source: string) => compileEventFilter(source).key;
  expect(keyOf('event.data.order.id == "17"')).toEqual({ path: ['data', 'order', 'id'], value: '17' });
  expect(keyOf('event.data.total > 1 && ("o-1" == event.subject && true)')).toEqual({ path: ['subject'], value: 'o-1' });
  for (const source of [
    'event.subject == "a" || true',
    '!(event.subject == "a")',
    'event.data.total == 1',
    'event.subject != "a"',
    'event == "a"',
    'x.y == "a"',
  ])
    expect(keyOf(source)).toBeUndefined();
  expect(textAt(event, ['data', 'order', 'id'])).toBe('17');
  const places = [
    ['data', 'total'],
    ['data', 'tags', '0'],
    ['data', 'constructor'],
    ['data', 'order'],
  ];
  expect(places.map((path) => textAt(event, path))).toEqual(['150', undefined, undefined, undefined]);
});
