import { describe, expect, it } from 'vitest';
import { createSearch } from './search';

const { signal } = new AbortController();
const service = createSearch();
const search = (query: string, limit = 5) => service.search({ query, collection: 'world-factbook', limit }, signal);

describe('search over the World Factbook', () => {
  it('finds a country’s economy', async () => {
    const [first] = await search('economy of Brazil');
    expect(first).toMatchObject({ title: 'Brazil', section: 'Economy', source: 'The World Factbook, 2015' });
    expect(first?.text).toContain('agricultural');
  });
  it('finds a topic across countries, best first', async () => {
    const results = await search('coffee exports', 8);
    expect(results).toHaveLength(8);
    expect(results.every((r) => /coffee/i.test(r.text))).toBe(true);
    expect(results.map((r) => r.score)).toEqual(results.map((r) => r.score).sort((a, b) => b - a));
  });
  it('answers nothing for nothing, and survives odd queries', async () => {
    expect(await search('zzzzqqq')).toEqual([]);
    expect(await search('the of and')).toEqual([]);
    expect(await search('\u0000)(*&^%$'.repeat(2000))).toEqual([]);
  });
  it('names the collections it has', async () => {
    await expect(service.search({ query: 'x', collection: '../../etc/passwd', limit: 1 }, signal)).rejects.toMatchObject({ code: 'unknown_collection' });
  });
});
