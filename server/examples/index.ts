export { exampleWorkflows } from './example-workflows';
export { listTemplates, type Template } from './list-templates';
