import { z } from 'zod';

export const credentialKinds = ['openai-compatible', 'bearer', 'header', 'basic'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** `sandbox` is the simulated model provider's name; a slash separates a model's credential from its name. */
const name = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/, 'wants 1 to 63 letters, digits, spaces, dots, - or _')
  .refine((n) => n.toLowerCase() !== 'sandbox', '`sandbox` is the name of the simulated models');

const secret = z.string().min(1, 'is missing').max(10_000);

/** `api.example.com` or `api.example.com:8443`, as it stands in an address. */
const host = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/, 'wants a host such as api.example.com')
  .refine(
    (h) => URL.canParse(`https://${h}/`) && new URL(`https://${h}/`).host === h,
    'wants a host as in an address: api.example.com or api.example.com:8443, without https:// and path',
  );
const hosts = z.array(host).min(1, 'wants at least one host').max(20);

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'wants an address like https://api.openai.com/v1' })
  .refine((u) => !new URL(u).username && !new URL(u).password && !new URL(u).search, 'must hold neither user name, password nor query')
  .transform((u) => u.replace(/\/+$/, ''));

const price = z.number().min(0).max(10_000).optional();

/** What makes a credential. The secret is sealed and never given back; the rest may be shown. */
export const createCredentialInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('openai-compatible'),
    name,
    /** bound to this address's host */
    baseUrl,
    apiKey: secret,
    /** names offered in the picker besides those the provider lists */
    models: z.array(z.string().min(1).max(200)).max(100).default([]),
    /** US dollars per million tokens, for the cost of runs */
    inputPrice: price,
    outputPrice: price,
  }),
  z.strictObject({ kind: z.literal('bearer'), name, hosts, token: secret }),
  z.strictObject({
    kind: z.literal('header'),
    name,
    hosts,
    header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'wants the name of a header, such as X-Api-Key'),
    value: secret.regex(/^[\t\x20-\x7e\x80-\uffff]*$/, 'must be one line'),
  }),
  z.strictObject({
    kind: z.literal('basic'),
    name,
    hosts,
    username: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^:\p{C}]*$/u, 'must hold no colon'),
    password: secret,
  }),
]);
export type CreateCredentialInput = z.input<typeof createCredentialInput>;

export const deleteCredentialInput = z.strictObject({ id: z.uuid() });

/** What is not secret, stored as JSON. */
export interface CredentialSettings {
  baseUrl?: string;
  models?: string[];
  inputPrice?: number;
  outputPrice?: number;
  header?: string;
  username?: string;
}
