import { conversionFunctions } from './conversion';
import { dateFunctions } from './dates';
import type { FunctionSpec } from './function-spec';
import { listFunctions } from './lists';
import { mapFunctions } from './maps';
import { numberFunctions } from './numbers';
import { textFunctions } from './texts';

export type { FunctionSpec };

/** Every function of the expression language by name. */
export const functions: ReadonlyMap<string, FunctionSpec> = new Map(
  [...textFunctions, ...numberFunctions, ...listFunctions, ...mapFunctions, ...dateFunctions, ...conversionFunctions].map((spec) => [spec.name, spec]),
);
