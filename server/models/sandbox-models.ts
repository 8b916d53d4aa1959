/** The simulated models, always there. */
export const sandboxModels = [{ id: 'sandbox/default', title: 'Sandbox (simulated, offline)' }] as const;
