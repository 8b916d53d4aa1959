import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import MiniSearch from 'minisearch';
import { type SearchService, StepError } from '@/core/node/executor';
import { installRoot } from './install-root';

interface Passage {
  id: string;
  title: string;
  section: string;
  text: string;
}
interface Collection {
  title: string;
  edition: string;
  passages: Passage[];
}

/** Collections by name; the file is under public/data/corpus. */
const files = new Map([['world-factbook', 'world-factbook.json']]);
/** Words that carry nothing; questions are full of them. */
const stopWords = new Set(
  'a an and are as at be by do does for from has have how in is it its of on or that the their there this to was what when where which who why will with'.split(
    ' ',
  ),
);
/** An index that nobody has asked for this long is dropped, so that an idle worker stays small. */
const idleMs = 5 * 60_000;
const longestQuery = 1000;

/** Full-text search (BM25) over the collections in public/data/corpus. An index is built when first needed and dropped when idle. */
export function createSearch(options: { folder?: string } = {}): SearchService {
  const loaded = new Map<string, { index: Promise<MiniSearch<Passage>>; source: Promise<string>; timer?: NodeJS.Timeout }>();

  function open(name: string) {
    const file = files.get(name);
    if (!file) throw new StepError('unknown_collection', `There is no collection "${name}"; there is ${[...files.keys()].join(', ')}.`, { retryable: false });
    let entry = loaded.get(name);
    if (!entry) {
      const collection = readCollection(join(options.folder ?? join(installRoot(), 'public', 'data', 'corpus'), file));
      entry = { index: collection.then((c) => buildIndex(c.passages)), source: collection.then((c) => `${c.title}, ${c.edition}`) };
      loaded.set(name, entry);
      // a failed load is tried anew next time
      entry.index.catch(() => loaded.delete(name));
    }
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => loaded.delete(name), idleMs).unref();
    return entry;
  }

  return {
    async search({ query, collection, section, limit }, signal) {
      signal.throwIfAborted();
      const entry = open(collection);
      const [index, source] = await Promise.all([entry.index, entry.source]);
      const hits = index.search(query.slice(0, longestQuery), {
        boost: { title: 3, section: 1.5 },
        prefix: (term) => term.length > 4,
        fuzzy: false,
        ...(section ? { filter: (hit) => hit.section === section } : {}),
      });
      return hits.slice(0, limit).map((hit) => ({
        id: String(hit.id),
        title: String(hit.title),
        section: String(hit.section),
        text: String(hit.text),
        source,
        score: Math.round(hit.score * 100) / 100,
      }));
    },
  };
}

async function readCollection(file: string): Promise<Collection> {
  return JSON.parse(await readFile(file, 'utf8')) as Collection;
}

function buildIndex(passages: Passage[]): MiniSearch<Passage> {
  const index = new MiniSearch<Passage>({
    fields: ['title', 'section', 'text'],
    storeFields: ['title', 'section', 'text'],
    processTerm: (term) => {
      const word = term.toLowerCase();
      return stopWords.has(word) ? null : word.length > 3 ? word.replace(/(?<=[^s])s$/, '') : word;
    },
  });
  index.addAll(passages);
  return index;
}
