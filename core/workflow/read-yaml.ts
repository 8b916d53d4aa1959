import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { workflowLimits } from './awl-schema';
import { formatPath } from './issue-message';
import { assertAllowedKey, DocumentMeter, type ReadResult, Refused, readPlain, within } from './read-document';
import type { Json, Problem } from './workflow';

const problem = (path: string, message: string): Problem => ({ path, message, severity: 'error' });

/** Reads YAML or JSON text into plain JSON, with limits on bytes, depth, values and aliases. Keys are unique texts; merge keys and tags are refused. */
export function readYaml(source: string): ReadResult {
  if (source.length > workflowLimits.bytes || new TextEncoder().encode(source).length > workflowLimits.bytes)
    return { ok: false, problems: [problem('', 'is larger than 1 MB')] };
  if (source.trim() === '') return { ok: false, problems: [problem('', 'is empty; it wants a workflow')] };
  const json = readJson(source);
  if (json !== undefined) return readPlain(json);
  if (countMarks(source) > workflowLimits.marks)
    return { ok: false, problems: [problem('', 'is too intricate; a workflow of this size is better sent as JSON')] };
  const lines = new LineCounter();
  try {
    // the library compares each key of a map with all others; the reader's check is linear
    const document = parseDocument(source, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, merge: false, schema: 'core', logLevel: 'silent' });
    const faults = [...document.errors.slice(0, 10), ...document.warnings.slice(0, 10)];
    if (faults.length > 0) return { ok: false, problems: faults.map((fault) => problem('', `${where(lines, fault.pos[0])}: ${sentence(fault.message)}`)) };
    return { ok: true, value: new Reader().read(document.contents as Node | null, [], 0) };
  } catch (error) {
    if (error instanceof Refused)
      return {
        ok: false,
        problems: [problem(formatPath('', error.path), error.offset === undefined ? error.message : `${where(lines, error.offset)}: ${error.message}`)],
      };
    if (error instanceof RangeError) return { ok: false, problems: [problem('', 'is nested too deeply')] };
    throw error;
  }
}

/** The characters that YAML may have to think about: their number bounds the time that parsing takes. */
function countMarks(source: string): number {
  let count = 0;
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i);
    // not a letter, digit, space, underscore, dot or slash; not beyond ASCII
    if (code < 128 && !((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 46 && code <= 57) || code === 32 || code === 95)) count++;
  }
  return count;
}

/** JSON is YAML too, but much faster to read as what it is. */
function readJson(source: string): unknown {
  if (!/^\s*\{/.test(source.slice(0, 1000))) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function where(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function sentence(message: string): string {
  const first = message.split('\n')[0] ?? message;
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** Turns YAML nodes into JSON in document order; an alias is the value of the last anchor of its name before it. */
class Reader {
  readonly #meter = new DocumentMeter();
  readonly #anchors = new Map<string, { value: Json; values: number }>();
  #aliases = 0;

  read(node: Node | null, path: PropertyKey[], depth: number): Json {
    const offset = node?.range?.[0];
    this.#meter.add(1, depth, path, offset);
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node.source, path, offset);
    const before = this.#meter.values;
    const value = this.#value(node, path, depth, offset);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, { value, values: this.#meter.values - before + 1 });
    return value;
  }

  #alias(name: string, path: PropertyKey[], offset: number | undefined): Json {
    if (++this.#aliases > workflowLimits.aliases) throw new Refused(`more than ${workflowLimits.aliases} aliases`, path, offset);
    const target = this.#anchors.get(name);
    if (!target) throw new Refused(`the alias *${name} has no anchor before it`, path, offset);
    this.#meter.add(target.values, 0, path, offset);
    return structuredClone(target.value);
  }

  #value(node: Node, path: PropertyKey[], depth: number, offset: number | undefined): Json {
    if (isScalar(node)) {
      const { value } = node;
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Refused('is not a number that JSON can hold', path, offset);
      if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
      throw new Refused('is of a type that JSON does not have', path, offset);
    }
    if (isSeq(node)) return node.items.map((item, i) => within(path, i, () => this.read(item as Node | null, path, depth + 1)));
    if (isMap(node)) return this.#map(node, path, depth);
    throw new Refused('is of a type that JSON does not have', path, offset);
  }

  #map(node: YAMLMap, path: PropertyKey[], depth: number): Json {
    const result: { [key: string]: Json } = {};
    for (const { key, value } of node.items) {
      const name = this.#key(key, path);
      const offset = (key as Node | null)?.range?.[0];
      within(path, name, () => {
        if (name === '<<') throw new Refused('merge keys (<<) are not supported', path, offset);
        assertAllowedKey(name, path, offset);
        if (Object.hasOwn(result, name)) throw new Refused(`the key "${name}" is written twice`, path, offset);
        result[name] = this.read(value as Node | null, path, depth + 1);
      });
    }
    return result;
  }

  /** Keys are texts; a number or boolean is the text it is written as. */
  #key(key: unknown, path: PropertyKey[]): string {
    if (isScalar(key) && !(key as { anchor?: string }).anchor) {
      if (typeof key.value === 'string') return key.value;
      if (key.value !== null) return key.source ?? String(key.value);
    }
    throw new Refused('has a key that is not a text', path, (key as Node | null)?.range?.[0]);
  }
}
