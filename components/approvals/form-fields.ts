import type { Json, JsonObject } from '@/core/workflow/workflow';

export type FieldKind = 'text' | 'lines' | 'number' | 'switch' | 'choice' | 'choices' | 'date' | 'date-time' | 'json';

/** A field of an approval's form. */
export interface FormField {
  name: string;
  label: string;
  help: string | undefined;
  kind: FieldKind;
  required: boolean;
  /** of a choice: the values by the text that stands for them */
  options: Map<string, Json>;
  whole: boolean;
  minimum: number | undefined;
  maximum: number | undefined;
  initial: Json | undefined;
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The fields of a form from its JSON Schema, in their order. What no simple field can edit is JSON text. */
export function formFields(schema: JsonObject | null): FormField[] {
  const properties = isObject(schema?.properties) ? schema.properties : {};
  const required = Array.isArray(schema?.required) ? schema.required : [];
  return Object.entries(properties).map(([name, value]) => {
    const field = isObject(value) ? value : {};
    const items = isObject(field.items) ? field.items : {};
    const enumerated = Array.isArray(field.enum) ? field.enum : Array.isArray(items.enum) ? items.enum : [];
    return {
      name,
      label: typeof field.title === 'string' ? field.title : labelOf(name),
      help: typeof field.description === 'string' ? field.description : undefined,
      kind: kindOf(field, items),
      required: required.includes(name),
      options: new Map(enumerated.map((option) => [typeof option === 'string' ? option : JSON.stringify(option), option])),
      whole: field.type === 'integer',
      minimum: numberOf(field.minimum),
      maximum: numberOf(field.maximum),
      initial: field.default,
    };
  });
}

function kindOf(field: JsonObject, items: JsonObject): FieldKind {
  if (Array.isArray(field.enum)) return 'choice';
  switch (field.type) {
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'switch';
    case 'array':
      return Array.isArray(items.enum) ? 'choices' : 'json';
    case 'string':
      if (field.format === 'date' || field.format === 'date-time') return field.format;
      return field.format === 'textarea' || field.widget === 'textarea' || (numberOf(field.maxLength) ?? 0) > 200 ? 'lines' : 'text';
    default:
      return 'json';
  }
}

/** `orderTotal` → `Order total`. */
function labelOf(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the fields start with. */
export function initialValues(fields: FormField[]): JsonObject {
  return Object.fromEntries(
    fields.flatMap(({ name, kind, initial }) => (initial !== undefined ? [[name, initial]] : kind === 'switch' ? [[name, false]] : [])),
  );
}
