export { createArtifacts } from './create-artifacts';
export type { Artifact } from './internal';
export { listArtifacts } from './list-artifacts';
export { serveArtifact } from './serve-artifact';
