/** A function of the expression language, with what the editor shows about it. */
export interface FunctionSpec {
  name: string;
  /** how it is written, e.g. `round(x, digits?)` */
  signature: string;
  /** one sentence */
  summary: string;
  min: number;
  max: number;
  /** whether the result is JSON as it is: always, never (it may hold int, timestamp …), or when the arguments are */
  json: boolean | 'args';
  /** whether the first argument may be an optional */
  optional?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each function checks what it is given
  call: (...args: any[]) => unknown;
}

/** A spec from its signature: `round(x, digits?)` takes one or two arguments, `…` stands for any number. */
export function define(
  signature: string,
  summary: string,
  json: FunctionSpec['json'],
  call: FunctionSpec['call'],
  options: { optional?: boolean } = {},
): FunctionSpec {
  const open = signature.indexOf('(');
  const parameters = signature
    .slice(open + 1, -1)
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  const many = parameters.at(-1) === '…';
  const named = many ? parameters.slice(0, -1) : parameters;
  return {
    name: signature.slice(0, open),
    signature,
    summary,
    min: named.filter((each) => !each.endsWith('?')).length,
    max: many ? 32 : named.length,
    json,
    call,
    ...options,
  };
}
