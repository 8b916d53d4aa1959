import { StepError } from '@/core/node/executor';

const codes: Record<string, [code: string, words: string, retryable: boolean]> = {
  ENOTFOUND: ['dns_failed', 'has no address (its name is unknown)', true],
  EAI_AGAIN: ['dns_failed', 'has no address now (the name server did not answer)', true],
  ENODATA: ['dns_failed', 'has no address (its name is unknown)', true],
  ECONNREFUSED: ['connection_refused', 'refused the connection', true],
  ECONNRESET: ['connection_lost', 'dropped the connection', true],
  EPIPE: ['connection_lost', 'dropped the connection', true],
  UND_ERR_SOCKET: ['connection_lost', 'dropped the connection', true],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'did not accept a connection in time', true],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'did not begin to answer in time', true],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'stopped in the middle of its answer', true],
  ETIMEDOUT: ['timeout', 'did not accept a connection in time', true],
  EHOSTUNREACH: ['unreachable', 'cannot be reached from here', true],
  ENETUNREACH: ['unreachable', 'cannot be reached from here', true],
  EADDRNOTAVAIL: ['unreachable', 'cannot be reached from here', true],
  UND_ERR_HEADERS_OVERFLOW: ['too_large', 'sent more headers than are accepted', false],
  UND_ERR_INVALID_ARG: ['invalid_request', 'cannot be sent this request', false],
};

/** Says in words why a request failed. Errors that are clear already pass through. */
export function egressFailure(error: unknown, url: URL): unknown {
  if (error instanceof StepError) return error;
  if (!(error instanceof Error)) return error;
  // several addresses were tried: the first failure stands for all
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return egressFailure(error.errors[0], url);
  const code = (error as { code?: string }).code ?? '';
  const known = codes[code];
  if (known)
    return new StepError(known[0], `${url.host} ${known[1]}.${code === 'UND_ERR_INVALID_ARG' ? ` ${error.message}` : ''}`, {
      retryable: known[2],
      cause: error,
    });
  if (/CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL/.test(code)) {
    return new StepError('tls_failed', `${url.host} could not prove who it is: ${error.message}`, { retryable: false, cause: error });
  }
  if (code.startsWith('HPE_')) return new StepError('invalid_answer', `${url.host} does not speak HTTP: ${error.message}`, { retryable: false, cause: error });
  if (error.cause instanceof Error) return egressFailure(error.cause, url);
  return new StepError('request_failed', `The request to ${url.host} failed: ${error.message}`, { cause: error });
}
