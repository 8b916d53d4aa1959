import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage } from '@codemirror/language';
import { type Diagnostic, linter } from '@codemirror/lint';
import { Decoration, type EditorView, MatchDecorator, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { faultsOf, functionSpecs } from './expression-tools';
import type { CodeMode } from './lazy-code';

/** Colours for CEL: texts, numbers, words. */
export const celLanguage = StreamLanguage.define({
  name: 'cel',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/)) return 'string';
    if (stream.match(/\d+(\.\d+)?/)) return 'number';
    if (stream.match(/(true|false|null)\b/)) return 'bool';
    if (stream.match(/in\b/)) return 'keyword';
    if (stream.match(/[A-Za-z_]\w*/)) return 'variableName';
    stream.next();
    return null;
  },
});

const braces = new MatchDecorator({ regexp: /\{\{(?!\{)(?:[^}]|\}(?!\}))*\}\}/g, decoration: Decoration.mark({ class: 'cm-template' }) });

/** Marks every `{{ … }}`. */
export const templateMarks = ViewPlugin.fromClass(
  class {
    marks;
    constructor(view: EditorView) {
      this.marks = braces.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.marks = braces.updateDeco(update, this.marks);
    }
  },
  { decorations: (plugin) => plugin.marks },
);

/** Underlines what does not parse, half a second after the last key. */
export function expressionLint(mode: CodeMode, names: () => string[]) {
  return linter(
    (view): Diagnostic[] => {
      const text = view.state.doc.toString();
      if (mode !== 'template' && mode !== 'cel' && mode !== 'json') return [];
      return faultsOf(text, mode, names()).map((fault) => {
        const from = Math.min(fault.from, text.length);
        const word = /^\w+/.exec(text.slice(from))?.[0].length ?? 1;
        return { from: Math.max(0, Math.min(from, text.length - 1)), to: Math.min(text.length, from + word), severity: fault.severity, message: fault.message };
      });
    },
    { delay: 500 },
  );
}

/** Completes names by the values they have: `steps.fetch.output.body.`, `input.`, and functions with their signature. */
export function expressionCompletion(mode: CodeMode, scope: () => JsonObject) {
  return autocompletion({
    icons: false,
    activateOnTyping: true,
    override: [
      (context: CompletionContext): CompletionResult | null => {
        if (mode !== 'cel' && !insideBraces(context)) return null;
        const path = context.matchBefore(/[A-Za-z_][\w.[\]"']*\.?\w*$|\w*$/);
        if (!path || (path.from === path.to && !context.explicit && !/\{\{\s*$/.test(context.state.sliceDoc(Math.max(0, context.pos - 8), context.pos))))
          return null;
        const text = path.text;
        const dot = text.lastIndexOf('.');
        const from = path.from + dot + 1;
        const options = dot < 0 ? roots(scope()) : members(valueAt(scope(), text.slice(0, dot)));
        return options.length > 0 ? { from, options, validFor: /^\w*$/ } : null;
      },
    ],
  });
}

function insideBraces(context: CompletionContext): boolean {
  const before = context.state.sliceDoc(0, context.pos);
  return before.lastIndexOf('{{') > before.lastIndexOf('}}');
}

function roots(scope: JsonObject): Completion[] {
  const names = Object.keys(scope).map((label): Completion => ({ label, detail: glimpse(scope[label]), boost: 2 }));
  const calls = functionSpecs().map(
    ({ name, signature, summary }): Completion => ({ label: name, apply: `${name}(`, detail: signature.slice(name.length), info: summary, boost: -1 }),
  );
  return [...names, ...calls];
}

function members(value: Json | undefined): Completion[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.keys(value)
    .filter((key) => /^[A-Za-z_]\w*$/.test(key))
    .slice(0, 200)
    .map((label) => ({ label, detail: glimpse(value[label]) }));
}

function valueAt(scope: JsonObject, path: string): Json | undefined {
  const keys = path.match(/[A-Za-z_]\w*|\d+/g) ?? [];
  return keys.reduce<Json | undefined>((value, key) => {
    if (value === null || typeof value !== 'object') return undefined;
    return Array.isArray(value) ? value[Number(key)] : Object.hasOwn(value, key) ? value[key] : undefined;
  }, scope);
}

/** A value in a few letters. */
function glimpse(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'object') return `{${Object.keys(value).slice(0, 3).join(', ')}}`;
  const text = String(value);
  return text.length > 28 ? `${text.slice(0, 28)}…` : text;
}
