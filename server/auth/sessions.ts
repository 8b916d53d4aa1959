import { LRUCache } from 'lru-cache';
import { v7 as uuid } from 'uuid';
import { withUser } from '@/server/db/transaction';
import { decodeSessionToken, encodeSessionToken, sessionCookie, sessionMaxAge } from './session-cookie';

export interface SessionUser {
  id: string;
  name: string;
  email: string;
  sessionId: string;
}
interface Shared {
  /** by token; 3 s, so that a revoked session is out within 5 s in every process */
  alive: LRUCache<string, { user: SessionUser | null }>;
  noted: LRUCache<string, true>;
}
const shared: Shared = ((globalThis as { __heddleSessions?: Shared }).__heddleSessions ??= {
  alive: new LRUCache({ max: 10_000, ttl: 3_000 }),
  noted: new LRUCache({ max: 10_000, ttl: 60_000 }),
});

/** Makes a session row for a person and returns its id. */
export async function openSession(userId: string, from: { address: string; userAgent: string }): Promise<string> {
  const id = uuid();
  const expiresAt = new Date(Date.now() + sessionMaxAge * 1000);
  await withUser(userId, async (tx) => {
    await tx.session.create({ data: { id, userId, expiresAt, address: from.address.slice(0, 100), userAgent: from.userAgent.slice(0, 300) } });
    // ended ones, anybody's, go a few at a time, by the way; those revoked stay a day for whoever looks into what happened
    await tx.$executeRaw`
      DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE expires_at < now() OR revoked_at < now() - interval '1 day' LIMIT 20 FOR UPDATE SKIP LOCKED)`;
  });
  return id;
}

/** A signed-in browser without the form, for the e2e login() fixture: a session row and the cookie that names it. */
export async function issueSession(userId: string): Promise<{ sessionId: string; cookie: { name: string; value: string; secure: boolean } }> {
  const sessionId = await openSession(userId, { address: '', userAgent: '' });
  return { sessionId, cookie: { ...sessionCookie(), value: await encodeSessionToken({ userId, sessionId }) } };
}

/** The person of a session token whose row is neither revoked nor expired and whose account is not disabled; else null. */
export async function readSession(token: string | undefined): Promise<SessionUser | null> {
  if (!token) return null;
  const hit = shared.alive.get(token);
  if (hit) return hit.user;
  const user = await lookUp(token);
  shared.alive.set(token, { user });
  return user;
}

async function lookUp(token: string): Promise<SessionUser | null> {
  const claims = await decodeSessionToken(token);
  if (!claims) return null;
  const { userId, sessionId } = claims;
  return withUser(userId, async (tx) => {
    const row = await tx.session.findUnique({ where: { id: sessionId }, include: { user: true } });
    if (!row || row.userId !== userId || row.revokedAt || row.expiresAt <= new Date() || row.user.disabledAt) return null;
    if (!shared.noted.has(sessionId)) {
      shared.noted.set(sessionId, true);
      await tx.session.update({ where: { id: sessionId }, data: { lastSeenAt: new Date() } });
    }
    return { id: row.user.id, name: row.user.name, email: row.user.email, sessionId };
  });
}

/** Ends a session of this person, in this process at once and everywhere within 5 s. True when there was one to end. */
export async function revokeSession(userId: string, sessionId: string): Promise<boolean> {
  const { count } = await withUser(userId, (tx) =>
    tx.session.updateMany({ where: { id: sessionId, userId, revokedAt: null }, data: { revokedAt: new Date() } }),
  );
  shared.alive.clear();
  return count > 0;
}

export interface SessionSummary {
  id: string;
  current: boolean;
  createdAt: string;
  lastSeenAt: string;
  userAgent: string;
  address: string;
}

/** The live sessions of a person, the latest used first. */
export async function listSessions(user: SessionUser): Promise<SessionSummary[]> {
  const rows = await withUser(user.id, (tx) =>
    tx.session.findMany({ where: { userId: user.id, revokedAt: null, expiresAt: { gt: new Date() } }, orderBy: { lastSeenAt: 'desc' }, take: 100 }),
  );
  return rows.map((s) => ({
    id: s.id,
    current: s.id === user.sessionId,
    createdAt: s.createdAt.toISOString(),
    lastSeenAt: s.lastSeenAt.toISOString(),
    userAgent: s.userAgent,
    address: s.address,
  }));
}
