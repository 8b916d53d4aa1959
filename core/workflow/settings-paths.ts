import type { NodeDefinition } from '@/core/node/definition';

/** What a text at a path of a step's `with` is: raw CEL, taken as it is, or a template. */
export type SettingKind = 'expression' | 'verbatim' | 'template';

/** Tells the kind of each path of a node's settings (`cases.*.when`: `*` is any key or position). */
export function settingKinds(definition: NodeDefinition): (path: readonly PropertyKey[]) => SettingKind {
  const expressions = (definition.expressions ?? []).map((path) => path.split('.'));
  const verbatim = (definition.verbatim ?? []).map((path) => path.split('.'));
  return (path) => {
    if (verbatim.some((pattern) => isPrefix(pattern, path))) return 'verbatim';
    return expressions.some((pattern) => pattern.length === path.length && isPrefix(pattern, path)) ? 'expression' : 'template';
  };
}

function isPrefix(pattern: readonly string[], path: readonly PropertyKey[]): boolean {
  return pattern.length <= path.length && pattern.every((each, i) => each === '*' || each === String(path[i]));
}
