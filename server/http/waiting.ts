import { Admission } from './admission';
import { HttpError } from './problem';

/** Requests that wait for a run: they cost a little memory each and no work, so there may be many more of them than working ones. */
export const waitingRequests = new Admission(5_000);

/** Runs `work`, which will wait, giving up the place among working requests (`release`) for one among waiting ones; beyond those nothing begins. */
export async function waiting<T>(release: () => void, work: () => Promise<T>): Promise<T> {
  const leave = waitingRequests.enter();
  if (!leave) throw new HttpError(429, 'overloaded', 'Too many requests are waiting for runs.', { 'retry-after': '5' });
  release();
  try {
    return await work();
  } finally {
    leave();
  }
}
