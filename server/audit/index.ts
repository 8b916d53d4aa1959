export { type AuditEntry, listAudit } from './list-audit';
export { audit } from './record';
