import * as z from 'zod';
import type { NodeDefinition } from '@/core/node/definition';
import type { SettingWidget } from '@/core/node/settings-meta';
import type { Json, JsonObject } from '@/core/workflow/workflow';

/** JSON Schema as zod writes it, with the words of core/node/settings-meta.ts. */
export interface FieldSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  anyOf?: FieldSchema[];
  oneOf?: FieldSchema[];
  properties?: Record<string, FieldSchema>;
  required?: string[];
  additionalProperties?: FieldSchema | boolean;
  items?: FieldSchema;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxItems?: number;
  widget?: SettingWidget;
  placeholder?: string;
  unit?: string;
  showWhen?: { setting: string; oneOf: (string | number | boolean)[] };
  language?: 'javascript' | 'json';
  labels?: Record<string, string>;
  names?: JsonObject;
  advanced?: boolean;
}

const made = new WeakMap<NodeDefinition, FieldSchema>();

/** The form of a node type: its zod schema as JSON Schema, made once. */
export function formSchemaOf(definition: NodeDefinition): FieldSchema {
  const known = made.get(definition);
  if (known) return known;
  const schema = z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' }) as FieldSchema;
  made.set(definition, schema);
  return schema;
}

/** Whether a setting is shown beside its siblings; a sibling's default counts. */
export function isShown(field: FieldSchema, siblings: JsonObject, schema: FieldSchema): boolean {
  if (!field.showWhen) return true;
  const { setting, oneOf } = field.showWhen;
  const value = siblings[setting] ?? schema.properties?.[setting]?.default;
  return oneOf.includes(value as string);
}

export type Editor = SettingWidget | 'number' | 'switch';

/** What edits this field: its widget, else by type. */
export function editorOf(field: FieldSchema): Editor {
  if (field.widget && field.widget !== 'select') return field.widget;
  if (field.enum) return 'select';
  if (field.type === 'number' || field.type === 'integer') return 'number';
  if (field.type === 'boolean') return 'switch';
  if (field.type === 'string') return 'text';
  if (field.type === 'array' && field.items?.type === 'object') return 'list';
  if (field.type === 'object' && field.properties) return 'json';
  if (field.type === 'object' && typeof field.additionalProperties === 'object') return field.additionalProperties.type === 'string' ? 'key-value' : 'json';
  return 'json';
}

export const isTemplate = (value: unknown): value is string => typeof value === 'string' && value.includes('{{');

/** `maxOutputTokens` → `Max output tokens`, for settings without a title. */
export function labelOf(key: string, field: FieldSchema): string {
  if (field.title) return field.title;
  const words = key
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
