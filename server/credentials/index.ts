export { createCredential } from './create-credential';
export { deleteCredential } from './delete-credential';
export { type CredentialSummary, listCredentials } from './list-credentials';
export { listModelProviders } from './list-model-providers';
export { credentialHeaders, credentialId, credentialSettings } from './resolve-credential';
