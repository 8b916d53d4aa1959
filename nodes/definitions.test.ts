import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { portsOf, settingsSchema } from '@/core/node/definition';
import { nodeDefinitions } from './definitions';
import { nodeExecutors } from './executors';

const widgets = new Set(
  'text textarea expression template json code duration select key-value list model credential workflow cron timezone date-time'.split(' '),
);

describe('the catalogue', () => {
  it('has a folder, a definition and (steps that are no containers) an executor for each type', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((e) => e.isDirectory())
      .map((e) => e.name);
    expect([...nodeDefinitions.keys()].sort()).toEqual(folders.sort());
    const steps = [...nodeDefinitions.values()].filter((d) => d.kind === 'step' && !d.container).map((d) => d.type);
    expect([...nodeExecutors.keys()].sort()).toEqual(steps.sort());
  });

  it.each([...nodeDefinitions.values()])('$type: defaults fit the schema, or lack only what a person must give', (definition) => {
    const result = definition.config.safeParse(definition.defaults);
    const problems = result.success ? [] : result.error.issues.map((i) => i.path.join('.'));
    expect(problems.filter((p) => definition.defaults[p] !== '')).toEqual([]);
    expect(definition.description.length).toBeGreaterThan(20);
    expect(definition.subtitle?.({})).toBeTypeOf('string');
    expect(definition.subtitle?.(definition.defaults as Record<string, unknown>)).not.toBe('');
    for (const bad of [null, 5, [], {}, [null], true]) {
      const odd = Object.fromEntries(Object.keys(definition.defaults).map((k) => [k, bad]));
      expect(definition.subtitle?.(odd)).toBeTypeOf('string');
      expect(portsOf(definition, odd)).toBeInstanceOf(Array);
    }
  });

  it.each([...nodeDefinitions.values()])('$type: the schema for the form is complete', (definition) => {
    const schema = settingsSchema(definition) as { additionalProperties: boolean; properties: Record<string, Record<string, unknown>> };
    expect(schema.additionalProperties).toBe(false);
    for (const [name, property] of Object.entries(schema.properties)) {
      expect(property.title, `${definition.type}.${name} wants a title`).toBeTypeOf('string');
      if (property.widget) expect(widgets).toContain(property.widget);
    }
    for (const path of [...(definition.expressions ?? []), ...(definition.verbatim ?? [])]) {
      expect(Object.keys(schema.properties)).toContain(path.split('.')[0]);
    }
  });
});
