import { expect, it } from 'vitest';
import { mergeLivePage } from './merge-live-page';

const rows = (...ids: string[]) => ids.map((id) => ({ id }));

it('keeps what slid off the first page, so that no run falls between two pages', () => {
  const pages = [
    { items: rows('5', '4', '3'), nextCursor: '3' },
    { items: rows('2', '1'), nextCursor: null },
  ];
  const merged = mergeLivePage(pages, rows('7', '6', '5'), 3);
  expect(merged.flatMap((page) => page.items.map((row) => row.id))).toEqual(['7', '6', '5', '4', '3', '2', '1']);
  expect(merged[0]?.nextCursor).toBe('3');
});

it('drops a row that the filter no longer holds', () => {
  const pages = [{ items: rows('5', '4', '3'), nextCursor: '3' }];
  expect(mergeLivePage(pages, rows('5', '3', '2'), 3)[0]?.items).toEqual(rows('5', '3', '2'));
  expect(mergeLivePage(pages, rows('3'), 3)).toEqual([{ items: rows('3'), nextCursor: null }]);
});

it('offers more once the list outgrows its first page', () => {
  const merged = mergeLivePage([{ items: rows('3', '2'), nextCursor: null }], rows('5', '4', '3'), 3);
  expect(merged[0]?.items.map((row) => row.id)).toEqual(['5', '4', '3', '2']);
  expect(merged[0]?.nextCursor).toBeNull();
  expect(mergeLivePage([{ items: [], nextCursor: null }], rows('5', '4', '3'), 3)[0]?.nextCursor).toBe('3');
});
