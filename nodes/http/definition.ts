import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

export const httpConfig = z.strictObject({
  method: z.enum(httpMethods).default('GET').meta({ title: 'Method', widget: 'select' }),
  url: z
    .string()
    .min(1, 'wants an address')
    .describe('A public http or https address. Private networks are refused unless the operator allows them.')
    .meta({ title: 'Address', widget: 'text', placeholder: 'https://api.example.com/orders' }),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Added to the address, encoded.')
    .meta({ title: 'Query parameters', widget: 'key-value' }),
  headers: z.record(z.string(), z.string()).default({}).meta({ title: 'Headers', widget: 'key-value' }),
  body: z
    .any()
    .optional()
    .describe('Text is sent as it is; anything else as JSON.')
    .meta({ title: 'Body', widget: 'json', showWhen: { setting: 'method', oneOf: ['POST', 'PUT', 'PATCH', 'DELETE'] } }),
  credential: z
    .string()
    .min(1)
    .optional()
    .describe('Signs the request. A credential is only ever sent to the hosts it is bound to.')
    .meta({ title: 'Credential', widget: 'credential' }),
  parse: z
    .enum(['auto', 'json', 'text'])
    .default('auto')
    .describe('Auto goes by the answer’s content type.')
    .meta({ title: 'Read the answer as', widget: 'select', labels: { auto: 'Automatic', json: 'JSON', text: 'Text' }, advanced: true }),
  failOnError: z
    .boolean()
    .default(true)
    .describe('A status of 400 or more fails the step; otherwise it is handed on.')
    .meta({ title: 'Fail on error status', advanced: true }),
  followRedirects: z.boolean().default(true).describe('At most five, each checked anew.').meta({ title: 'Follow redirects', advanced: true }),
  maxMegabytes: z
    .number()
    .positive()
    .max(10)
    .default(10)
    .describe('A larger answer fails the step.')
    .meta({ title: 'Largest answer', unit: 'MB', advanced: true, showWhen: { setting: 'saveAsFile', oneOf: [false] } }),
  saveAsFile: z
    .boolean()
    .default(false)
    .describe('The answer becomes a file of the run, however large, and the output says where it is.')
    .meta({ title: 'Save the answer as a file', advanced: true }),
  fileName: z
    .string()
    .max(200)
    .optional()
    .describe('Empty: the name that the answer or the address gives.')
    .meta({ title: 'Name of the file', widget: 'text', advanced: true, showWhen: { setting: 'saveAsFile', oneOf: [true] } }),
  maxFileMegabytes: z
    .number()
    .positive()
    .max(1000)
    .default(100)
    .describe('A larger file fails the step.')
    .meta({ title: 'Largest file', unit: 'MB', advanced: true, showWhen: { setting: 'saveAsFile', oneOf: [true] } }),
});

function place(url: unknown): string {
  if (typeof url !== 'string' || !url) return 'no address yet';
  return url
    .replace(/^https?:\/\//, '')
    .replace(/\?.*$/, '')
    .replace(/\/$/, '');
}

export default defineNode({
  type: 'http',
  title: 'HTTP request',
  description: 'Calls an API or fetches a page.',
  category: 'network',
  icon: 'World',
  color: 'blue',
  kind: 'step',
  config: httpConfig,
  defaults: { method: 'GET', url: '' },
  execution: 'task',
  subtitle: ({ method = 'GET', url }) => `${String(method)} ${place(url)}`,
  sample: { status: 200, headers: { 'content-type': 'application/json' }, body: { id: 42 }, url: 'https://api.example.com/orders/42' },
});
