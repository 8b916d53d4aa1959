export { countAttempt } from './attempts';
export type { Actor, Context } from './context';
export { contextOfMember } from './context-of-member';
export { emailAddress, newPassword } from './email';
export { hashPassword } from './password';
export { addressHeader, addressOf, cookieOf, requireSameOrigin } from './request';
export { sessionCookie } from './session-cookie';
export { issueSession, listSessions, readSession, revokeSession, type SessionSummary, type SessionUser } from './sessions';
export { verifyCredentials } from './verify-credentials';
