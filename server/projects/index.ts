export { createProject } from './create-project';
export { listProjects, type ProjectSummary } from './list-projects';
export { requireProject } from './require-project';
