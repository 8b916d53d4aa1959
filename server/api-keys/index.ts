export { contextFromApiKey } from './context-from-api-key';
export { type CreatedApiKey, createApiKey } from './create-api-key';
export { ensureBootstrapKey } from './ensure-bootstrap-key';
export { type ApiKeySummary, listApiKeys } from './list-api-keys';
export { revokeApiKey } from './revoke-api-key';
