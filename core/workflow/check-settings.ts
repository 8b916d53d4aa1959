import { type NodeDefinition, settingsSchema } from '@/core/node/definition';
import { type Place, placesOf, valueAt } from './issue-message';
import { settingKinds } from './settings-paths';
import type { Json, JsonObject } from './workflow';

/** What a node's schema says against settings, as far as it can be known before templates and expressions have their values. */
export function checkSettings(definition: NodeDefinition, settings: JsonObject): Place[] {
  const parsed = definition.config.safeParse(settings);
  if (parsed.success) return [];
  const kindOf = settingKinds(definition);
  const places: Place[] = [];
  for (const issue of parsed.error.issues) {
    if (isOpen(settings, issue.path, kindOf)) continue;
    // a rule over several settings cannot be judged while one of them is open
    if (issue.code === 'custom' && holdsTemplate(valueAt(settings, issue.path) as Json | undefined, issue.path, kindOf)) continue;
    places.push(...placesOf(issue, settings, (path) => keysOf(definition, path)).filter((place) => !isOpen(settings, place.path, kindOf)));
  }
  return places;
}

type KindOf = ReturnType<typeof settingKinds>;

/** Whether the value at a path, or one that holds it, is a template or an expression whose value is not known yet. */
function isOpen(settings: JsonObject, path: readonly PropertyKey[], kindOf: KindOf): boolean {
  for (let length = 0; length <= path.length; length++) {
    const at = path.slice(0, length);
    const value = valueAt(settings, at);
    if (typeof value !== 'string') continue;
    const kind = kindOf(at);
    if (kind === 'expression' ? value.trim() !== '' : kind === 'template' && value.includes('{{')) return true;
  }
  return false;
}

function holdsTemplate(value: Json | undefined, path: readonly PropertyKey[], kindOf: KindOf): boolean {
  if (typeof value === 'string') return kindOf(path) === 'template' && value.includes('{{');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, each]) => holdsTemplate(each, [...path, key], kindOf));
}

/** The keys a node's schema has at a path, for "did you mean". */
function keysOf(definition: NodeDefinition, path: readonly PropertyKey[]): string[] {
  let schema: Json | undefined = settingsSchema(definition);
  for (const key of path) {
    if (!isObject(schema)) return [];
    const { properties, items } = schema as JsonObject;
    schema = typeof key === 'number' ? items : isObject(properties) ? properties[String(key)] : undefined;
  }
  return isObject(schema) && isObject(schema.properties) ? Object.keys(schema.properties) : [];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
