import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { withCapability } from '@/server/db/transaction';
import { TooManyRequests } from '@/server/lib/errors';

const windowMs = 15 * 60_000;
/** Per subject in 15 minutes. An address may be an office, so it gets more. */
const limits = { email: 10, address: 100, signup: 500 } as const;
export type AttemptKind = keyof typeof limits;

const subjectOf = (kind: AttemptKind, value: string): string => `${kind}:${kind === 'email' ? createHash('sha256').update(value).digest('hex') : value}`;

/**
 * Notes an attempt for each subject and returns their ids; throws TooManyRequests when one has had too many. The wait is the same whoever asks.
 */
export async function countAttempt(subjects: Partial<Record<AttemptKind, string>>): Promise<string[]> {
  const since = new Date(Date.now() - windowMs);
  const wanted = (Object.entries(subjects) as [AttemptKind, string][]).map(([kind, value]) => ({ kind, id: uuid(), subject: subjectOf(kind, value) }));
  const over = await withCapability({}, async (tx) => {
    // one at a time for each subject, in one order: parallel guesses are counted like others
    for (const { subject } of [...wanted].sort((a, b) => a.subject.localeCompare(b.subject))) {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(7702, hashtext(${subject}))`;
    }
    const counts = await tx.loginAttempt.groupBy({
      by: ['subject'],
      where: { subject: { in: wanted.map((w) => w.subject) }, at: { gt: since } },
      _count: { _all: true },
    });
    const countOf = new Map(counts.map((c) => [c.subject, c._count._all]));
    if (wanted.some((w) => (countOf.get(w.subject) ?? 0) >= limits[w.kind])) return true;
    await tx.loginAttempt.createMany({ data: wanted.map(({ id, subject }) => ({ id, subject })) });
    // old rows go a few at a time, by the way
    await tx.$executeRaw`DELETE FROM login_attempt WHERE id IN (SELECT id FROM login_attempt WHERE at < now() - interval '1 day' LIMIT 20)`;
    return false;
  });
  if (over) throw new TooManyRequests('Too many attempts. Wait a few minutes, then try again.', windowMs / 1000);
  return wanted.map((w) => w.id);
}

/** After a success: forgets the failures at this account and the attempt itself, so that an office full of people never reaches the limit. */
export async function forgetAttempts(email: string, ids: string[]): Promise<void> {
  await withCapability({}, (tx) => tx.loginAttempt.deleteMany({ where: { OR: [{ subject: subjectOf('email', email) }, { id: { in: ids } }] } }));
}
