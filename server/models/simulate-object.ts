import type { Json, JsonObject } from '@/core/workflow/workflow';

type Schema = { [key: string]: Json };

/**
 * A value that fits a JSON Schema, filled from sentences: texts take them in turn, numbers the first number that stands in them, enums the member
 * that is mentioned. Deterministic. Covers what people write for structured answers; the caller validates.
 */
export function simulateObject(schema: Json, sentences: string[]): Json {
  return new Filler(sentences).fill(schema, 0);
}

class Filler {
  private next = 0;
  private readonly all: string;
  private readonly numbers: number[];

  constructor(private readonly sentences: string[]) {
    this.all = sentences.join(' ').toLowerCase();
    this.numbers = (this.all.match(/\d+(?:\.\d+)?/g) ?? []).map(Number);
  }

  fill(given: Json, depth: number): Json {
    if (given === null || typeof given !== 'object' || Array.isArray(given) || depth > 8) return null;
    const schema = given as Schema;
    if ('const' in schema) return schema.const as Json;
    if (Array.isArray(schema.enum)) return this.member(schema.enum);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (Array.isArray(alternatives) && alternatives[0] !== undefined) return this.fill(alternatives[0], depth + 1);
    switch (Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? (schema.properties ? 'object' : 'string'))) {
      case 'object':
        return this.object(schema, depth);
      case 'array':
        return this.array(schema, depth);
      case 'number':
        return this.number(schema);
      case 'integer':
        return Math.round(this.number(schema));
      case 'boolean':
        return !/\b(no|not|never|none)\b/.test(this.all);
      case 'null':
        return null;
      default:
        return this.text(schema);
    }
  }

  private object(schema: Schema, depth: number): JsonObject {
    const properties = (schema.properties ?? {}) as Schema;
    return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, this.fill(property, depth + 1)]));
  }

  private array(schema: Schema, depth: number): Json[] {
    const least = typeof schema.minItems === 'number' ? schema.minItems : 0;
    const most = typeof schema.maxItems === 'number' ? schema.maxItems : 3;
    const count = Math.max(least, Math.min(most, 3, Math.max(1, this.sentences.length)));
    return Array.from({ length: count }, () => this.fill(schema.items ?? { type: 'string' }, depth + 1));
  }

  private member(members: Json[]): Json {
    return members.find((m) => typeof m === 'string' && this.all.includes(m.toLowerCase())) ?? members[0] ?? null;
  }

  private number(schema: Schema): number {
    const low = typeof schema.minimum === 'number' ? schema.minimum : Number.NEGATIVE_INFINITY;
    const high = typeof schema.maximum === 'number' ? schema.maximum : Number.POSITIVE_INFINITY;
    const found = this.numbers.find((n) => n >= low && n <= high);
    return found ?? (Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(0, high) : 0);
  }

  private text(schema: Schema): string {
    const sentence = this.sentences[this.next++ % Math.max(1, this.sentences.length)] ?? 'Nothing was given.';
    const most = typeof schema.maxLength === 'number' ? schema.maxLength : 500;
    const least = typeof schema.minLength === 'number' ? schema.minLength : 0;
    return sentence.slice(0, most).padEnd(least, '.');
  }
}
