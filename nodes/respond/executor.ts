import { type NodeExecutor, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';

interface Config {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** Headers that the server itself decides on. */
const reserved = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive', 'set-cookie', 'trailer', 'host', 'date']);
/** What node:http sends: Latin-1 without control characters, which would split the answer. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Makes `body` the answer of a synchronous webhook, and the output. */
const respond: NodeExecutor<Config> = ({ status, headers, body }, { data }) => {
  const answer = (body === undefined ? data : body) as Json;
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name) || !headerValue.test(value)) {
      throw new StepError('invalid_header', `The header "${name}" has characters that no header may have; encode others than Latin-1.`, { retryable: false });
    }
    if (reserved.has(name.toLowerCase())) throw new StepError('invalid_header', `The header "${name}" cannot be set by a workflow.`, { retryable: false });
    checked[name.toLowerCase()] = value;
  }
  return { output: answer, respond: { status, headers: checked, body: answer } };
};
export default respond;
