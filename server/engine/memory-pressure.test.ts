import { expect, it } from 'vitest';
import { MemoryPressure } from './memory-pressure';

it('is high above four fifths of the heap, and not looked at again at once', () => {
  let looks = 0;
  const at = (used: number) =>
    new MemoryPressure(() => {
      looks++;
      return { used_heap_size: used, heap_size_limit: 100 };
    });
  const high = at(81);
  expect([high.high, high.high, looks]).toEqual([true, true, 1]);
  expect(at(80).high).toBe(false);
});
