export { type AuditEntry, listAudit } from './list-audit';
