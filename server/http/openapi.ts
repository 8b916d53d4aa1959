import { createHash } from 'node:crypto';
import { z } from 'zod';
import { routes } from './api/routes';
import { problemSchema } from './api/schemas';
import type { Route } from './route';

type Document = Record<string, unknown>;
const components: Document = {};
const isObject = (value: unknown): value is Document => value !== null && typeof value === 'object';

/** A zod schema as JSON Schema; schemas with an id move to components and are referred to. */
function schema(type: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...made } = z.toJSONSchema(type, { io, unrepresentable: 'any' }) as Document;
  return lift(made);
}

function lift(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lift);
  if (!isObject(value)) return value;
  const { $defs, id, ...rest } = value;
  if (isObject($defs)) for (const [name, definition] of Object.entries($defs)) components[name] ??= lift({ ...(definition as Document), id: undefined });
  const mapped: Document = {};
  for (const [key, item] of Object.entries(rest)) {
    mapped[key] = key === '$ref' && typeof item === 'string' ? item.replace('#/$defs/', '#/components/schemas/') : lift(item);
  }
  if (typeof id !== 'string') return mapped;
  components[id] = mapped;
  return { $ref: `#/components/schemas/${id}` };
}

const problemAnswer = (description: string) => ({ description, content: { 'application/problem+json': { schema: schema(problemSchema, 'output') } } });

function parameters(route: Route): unknown[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const query = route.query ? (schema(route.query, 'input') as { properties?: Record<string, Document>; required?: string[] }) : {};
  const inQuery = Object.entries(query.properties ?? {}).map(([name, { description, ...of }]) => ({
    name,
    in: 'query',
    required: query.required?.includes(name) ?? false,
    ...(description ? { description } : {}),
    schema: of,
  }));
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', maxLength: 255 },
    description: 'A repeated request with the same key and body gets the first answer, for 24 hours.',
  };
  return [...inPath, ...inQuery, ...(route.method === 'POST' ? [key] : [])];
}

function operation(route: Route): Document {
  const answers = Object.entries(route.responses).map(([status, { description, schema: type }]) => [
    status,
    { description, ...(type ? { content: { 'application/json': { schema: schema(type, 'output') } } } : {}) },
  ]);
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: `Needs the permission \`${route.permission}\`.`,
    parameters: parameters(route),
    ...(route.body ? { requestBody: { required: !route.body.optional, content: { 'application/json': { schema: schema(route.body.schema, 'input') } } } } : {}),
    responses: { ...Object.fromEntries(answers), default: problemAnswer('A problem') },
  };
}

const hook = {
  parameters: [{ name: 'token', in: 'path', required: true, schema: { type: 'string' } }],
  post: {
    operationId: 'callHook',
    summary: 'Starts a run of the workflow whose webhook has this address; the address is the credential. Other methods as the webhook says.',
    security: [],
    requestBody: { content: { 'application/json': { schema: {} } } },
    responses: {
      200: { description: 'The workflow’s own answer, when the webhook answers synchronously' },
      202: {
        description: 'Accepted',
        content: { 'application/json': { schema: { type: 'object', properties: { runId: { type: 'string', format: 'uuid' } } } } },
      },
      default: problemAnswer('A problem'),
    },
  },
};

const callback = {
  parameters: [
    { name: 'token', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'step', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'i', in: 'query', schema: { type: 'string' }, description: 'of a step in a loop, its place: 3, or 3,0' },
  ],
  post: {
    operationId: 'callBack',
    summary: 'Answers a step of a run that waits for a callback; the address is the credential. GET and PUT do the same. 409 when the run has ended.',
    security: [],
    requestBody: { content: { 'application/json': { schema: {} } } },
    responses: {
      202: {
        description: 'Accepted',
        content: { 'application/json': { schema: { type: 'object', properties: { accepted: { type: 'boolean' } } } } },
      },
      default: problemAnswer('A problem'),
    },
  },
};

let made: { text: string; etag: string } | undefined;

/** The OpenAPI 3.1 document of everything under /api/v1, /hooks and /callbacks, made once from the schemas that check requests. */
export function openApi(): { text: string; etag: string } {
  if (made) return made;
  const paths: Record<string, Document> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = path;
    path[route.method.toLowerCase()] = operation(route);
  }
  paths['/hooks/{token}'] = hook;
  paths['/callbacks/{token}/{step}'] = callback;
  const document = {
    openapi: '3.1.0',
    info: { title: 'Heddle', version: '1', description: 'Run and inspect workflows. Errors are problem documents (RFC 9457).' },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    paths,
    components: { schemas: components, securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'hdl_live_…' } } },
  };
  const text = JSON.stringify(document);
  made = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
  return made;
}
