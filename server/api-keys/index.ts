export { contextFromApiKey } from './context-from-api-key';
export { type CreatedApiKey, createApiKey, insertApiKey } from './create-api-key';
export { ensureBootstrapKey } from './ensure-bootstrap-key';
export { isApiKey } from './key-format';
export { type ApiKeySummary, listApiKeys } from './list-api-keys';
export { revokeApiKey } from './revoke-api-key';
