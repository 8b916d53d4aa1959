/** The kinds of credential, as people choose them. */
export const credentialKinds = [
  { value: 'openai-compatible', label: 'Model provider (OpenAI-compatible)' },
  { value: 'bearer', label: 'Bearer token' },
  { value: 'header', label: 'Header' },
  { value: 'basic', label: 'User name and password' },
] as const;
export type CredentialKind = (typeof credentialKinds)[number]['value'];

export function kindLabel(kind: string): string {
  return credentialKinds.find(({ value }) => value === kind)?.label ?? kind;
}
