export { listModels, type ModelSummary } from './list-models';
export { createModelService } from './model-service';
