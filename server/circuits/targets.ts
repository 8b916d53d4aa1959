const longest = 300;

/** The name of a target as it is stored: `host:api.example.com`, `model:openai/gpt-5`, `credential:ID`. */
export function targetName(kind: 'host' | 'model' | 'credential', name: string): string {
  // the database refuses NUL and lone surrogates, and people cannot read the others
  return `${kind}:${name.replace(/[\p{Cc}\p{Cs}]/gu, ' ')}`.slice(0, longest);
}

/** The target of a request to this address; undefined when it is no address. */
export function hostTarget(url: string): string | undefined {
  return URL.canParse(url) ? targetName('host', new URL(url).host) : undefined;
}
