import * as z from 'zod';
import { workflowSchema } from './awl-schema';
import type { JsonObject } from './workflow';

/** AWL as JSON Schema, for editors that complete and check as one types. scripts/generate-awl-schema.ts writes it to public/schemas/awl.json. */
export function awlJsonSchema(): JsonObject {
  const {
    $schema,
    properties,
    additionalProperties: _strict,
    required: _required,
    $defs,
    ...rest
  } = z.toJSONSchema(workflowSchema, { io: 'input', unrepresentable: 'any' }) as JsonObject & {
    properties: JsonObject;
    $defs: JsonObject;
  };
  return {
    $schema: $schema as string,
    $id: 'https://heddle.dev/schemas/awl.json',
    title: 'AWL, the workflow language of Heddle',
    description: 'A workflow: what starts it, its steps and what they depend on. What belongs to the workflow may also stand beside the key `workflow`.',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      workflow: { ...rest, properties, required: ['name'], additionalProperties: false },
      ...Object.fromEntries(Object.keys(properties).map((key) => [key, { $ref: `#/properties/workflow/properties/${key}` }])),
    },
    $defs,
    required: ['workflow'],
    additionalProperties: false,
    anyOf: [{ properties: { workflow: { required: ['steps'] } } }, { required: ['steps'] }],
  };
}
