import { StepError } from '@/core/node/executor';

/** Belong to the connection, not to the request: the client sets them itself. */
const forbidden = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive', 'te', 'trailer', 'expect', 'accept-encoding']);
/** All that goes along to another host: anything else may be a secret, whatever its name. */
const harmless = new Set(['accept', 'accept-language', 'user-agent', 'content-type', 'idempotency-key']);

/** Lower-cased, checked. Throws StepError `invalid_header`. */
export function requestHeaders(given: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (forbidden.has(key) || key.startsWith('proxy-') || key.startsWith('sec-')) {
      throw new StepError('invalid_header', `The header "${name}" cannot be set by a workflow.`, { retryable: false });
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters in a header split the request
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key) || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
      throw new StepError('invalid_header', `The header "${name}" has characters that no header may have.`, { retryable: false });
    }
    headers[key] = value;
  }
  return headers;
}

/** The headers that follow a redirect to another host. */
export function headersForOtherHost(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name)));
}
