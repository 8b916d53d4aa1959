import { Admission } from './admission';
import { HttpError } from './problem';

/** Requests that wait for a run: they cost a little memory each and no work, so there may be many more of them than working ones. */
export const waitingRequests = new Admission(5_000);

/** Runs `work`, which will wait, in the bound of waiting requests; beyond it answers 429 and nothing was begun. */
export async function waiting<T>(work: () => Promise<T>): Promise<T> {
  if (!waitingRequests.enter()) throw new HttpError(429, 'overloaded', 'Too many requests are waiting for runs.', { 'retry-after': '5' });
  try {
    return await work();
  } finally {
    waitingRequests.leave();
  }
}
