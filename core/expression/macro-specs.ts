/** What the editor shows of the macros: they look like functions, but get their arguments unevaluated. */
export const macroSpecs: readonly { name: string; signature: string; summary: string }[] = [
  { name: 'has', signature: 'has(x.key)', summary: 'Whether the property is there.' },
  { name: 'default', signature: 'default(x, otherwise)', summary: 'The value, or another where it is missing or null.' },
  { name: 'map', signature: 'list.map(item, value)', summary: 'A value for each item; list.map(item, condition, value) leaves items out.' },
  { name: 'filter', signature: 'list.filter(item, condition)', summary: 'The items for which the condition is true.' },
  { name: 'find', signature: 'list.find(item, condition)', summary: 'The first item for which the condition is true, else null.' },
  { name: 'all', signature: 'list.all(item, condition)', summary: 'Whether the condition is true for all items.' },
  { name: 'exists', signature: 'list.exists(item, condition)', summary: 'Whether the condition is true for some item.' },
  { name: 'exists_one', signature: 'list.exists_one(item, condition)', summary: 'Whether the condition is true for exactly one item.' },
];
