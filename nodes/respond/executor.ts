import { type NodeExecutor, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';

interface Config {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** Headers that the server itself decides on. */
const reserved = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive', 'set-cookie', 'trailer', 'host', 'date']);
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Makes `body` the answer of a synchronous webhook, and the output. */
const respond: NodeExecutor<Config> = ({ status, headers, body }, { data }) => {
  const answer = (body === undefined ? data : body) as Json;
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters in a header split the answer
    if (!headerName.test(name) || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
      throw new StepError('invalid_header', `The header "${name}" has characters that no header may have.`, { retryable: false });
    }
    if (reserved.has(name.toLowerCase())) throw new StepError('invalid_header', `The header "${name}" cannot be set by a workflow.`, { retryable: false });
    checked[name.toLowerCase()] = value;
  }
  return { output: answer, respond: { status, headers: checked, body: answer } };
};
export default respond;
