export { createArtifacts } from './create-artifacts';
export type { Artifact } from './internal';
export { listArtifacts } from './list-artifacts';
export { readArtifact } from './read-artifact';
export { serveArtifact } from './serve-artifact';
