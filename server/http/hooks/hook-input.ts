import type { IncomingMessage } from 'node:http';
import { parse as parseQueryString } from 'node:querystring';
import { checkInput } from '@/core/workflow/input';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { Invalid } from '@/server/lib/errors';
import type { HookTarget } from '@/server/triggers';
import { decodeText, parseJson } from '../body';
import { HttpError } from '../problem';

/** What is of the connection or secret: a run's input is stored and shown. */
const withheld = new Set(
  'authorization proxy-authorization cookie x-api-key x-auth-token x-access-token x-csrf-token connection content-length transfer-encoding accept-encoding keep-alive upgrade te trailer expect host'.split(
    ' ',
  ),
);

/**
 * The run input of a hook call. A workflow that declares an input schema gets the JSON body itself (of a call without a body its query), checked by
 * the schema. Any other gets `{method, path, query, headers, body}`; the fields of a JSON object are also there by their own names, so that
 * `input.order` is the same as when the workflow is started by the API.
 */
export function hookInput(target: HookTarget, req: IncomingMessage, path: string, query: string, raw: Buffer): Json {
  const { query: parameters, headers, body } = requestParts(req, query, raw);
  if (target.inputSchema) {
    const input = raw.length === 0 ? parameters : body;
    const problems = checkInput(target.inputSchema, input);
    if (problems[0]) throw new Invalid(`${problems[0].path}: ${problems[0].message}`, problems);
    return input;
  }
  const details = { method: req.method ?? 'GET', path: path.replace(/^\/hooks\/[^/]+/, ''), query: parameters, headers, body };
  return body !== null && typeof body === 'object' && !Array.isArray(body) ? { ...body, ...details } : details;
}

/** What a request says besides its address, without headers that are of the connection or secret; the body as JSON, the fields of a form, or text. */
export function requestParts(req: IncomingMessage, query: string, raw: Buffer): { query: JsonObject; headers: JsonObject; body: Json } {
  const headers: JsonObject = {};
  for (const name in req.headers) {
    const value = req.headers[name];
    if (value !== undefined && !withheld.has(name)) headers[name] = value;
  }
  return {
    query: query === '' ? {} : parseForm(query),
    headers,
    body: raw.length === 0 ? null : parseHookBody(req.headers['content-type'], raw),
  };
}

/**
 * The type a sender names only tells forms from the rest: what is JSON is JSON under any name (`curl -d` calls it a form), and anything else is text.
 */
function parseHookBody(contentType: string | undefined, raw: Buffer): Json {
  const text = decodeText(raw);
  const type = contentType?.toLowerCase() ?? '';
  if (type.startsWith('multipart/')) throw new HttpError(415, 'unsupported_body', 'Hooks take JSON, forms (application/x-www-form-urlencoded) and text.');
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  if (isForm && !/^\s*[{[]/.test(text)) return parseForm(text);
  try {
    return parseJson(text);
  } catch (error) {
    if (type.includes('json') || (error as Error).message.includes('is not allowed')) throw error;
    return isForm ? parseForm(text) : text;
  }
}

function parseForm(text: string): JsonObject {
  const form: JsonObject = {};
  for (const [name, value] of Object.entries(parseQueryString(text))) {
    if (name === '__proto__' || name === 'constructor' || name === 'prototype') throw new HttpError(400, 'malformed', `The name ${name} is not allowed.`);
    if (value !== undefined) form[name] = value;
  }
  return form;
}
