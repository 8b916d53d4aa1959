import type { IncomingMessage, ServerResponse } from 'node:http';
import { cookieOf, readSession, sessionCookie } from '@/server/auth';
import { HttpError, problem } from './problem';
import { sendProblem } from './send';

/** What a signed-in person may send: as much as an API key (a run's input), and what Next keeps of a body for its middleware. */
export const personBodyLimit = 10_485_760;
/** What anybody may send: the forms of sign-in and sign-up. */
export const strangerBodyLimit = 65_536;

/**
 * Counts the bytes of a body on their way to Next, however they are framed, and answers 413 past the limit. Who may send more is settled before
 * anything is read. False: it has been answered.
 */
export async function limitBody(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const { headers } = req;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return true;
  let limit = personBodyLimit;
  let size = 0;
  let refused = false;
  const refuse = () => {
    if (refused) return;
    refused = true;
    const { status, code, message } = new HttpError(413, 'too_large', `The body is larger than ${limit} bytes.`);
    // what is on its way is thrown away for a moment, so that the client reads the answer instead of a reset
    setTimeout(() => req.destroy(), 1_000).unref();
    if (!res.headersSent) sendProblem(res, problem(status, code, message), { connection: 'close' });
  };
  // what node's HTTP parser calls for each piece: counting here leaves the stream to Next, paused or flowing
  const push = req.push.bind(req);
  req.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (refused) return true;
    size += chunk?.length ?? 0;
    if (size <= limit) return push(chunk, encoding);
    refuse();
    return true;
  };
  const cookie = Array.isArray(headers.cookie) ? headers.cookie.join('; ') : headers.cookie;
  const token = cookie === undefined ? undefined : cookieOf(new Headers({ cookie }), sessionCookie().name);
  if (!(await readSession(token))) limit = strangerBodyLimit;
  if (size > limit || Number(headers['content-length'] ?? 0) > limit) refuse();
  return !refused;
}
