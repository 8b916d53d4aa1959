'use client';
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Annotation, Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, placeholder as placeholderText } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { completionScope } from '../model/preview-scope';
import { useSession } from '../session-context';
import { celLanguage, expressionCompletion, expressionLint, templateMarks } from './cel-editing';
import classes from './code.module.css';
import { takeFocus } from './handed-focus';
import type { CodeMode, CodeProps } from './lazy-code';

/** Marks a change that came from the document, not from typing. */
const fromOutside = Annotation.define<boolean>();

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--hd-json-literal)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--hd-json-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--hd-json-number)' },
  { tag: [tags.propertyName, tags.definition(tags.variableName)], color: 'var(--hd-json-key)' },
  { tag: tags.comment, color: 'var(--hd-text-dim)', fontStyle: 'italic' },
]);

const look = EditorView.theme({
  '&': { fontSize: 'inherit' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '20px', maxHeight: '420px' },
  '.cm-content': { padding: '7px 0', caretColor: 'var(--hd-text)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-cursor': { borderLeftColor: 'var(--hd-text)' },
  '.cm-placeholder': { color: 'var(--hd-text-dim)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--hd-ring)' },
  '.cm-gutters': { backgroundColor: 'transparent', border: '0', color: 'var(--hd-text-dim)' },
  '.cm-template': { backgroundColor: 'var(--hd-accent-soft)', color: 'var(--hd-accent-text)', borderRadius: '3px' },
  '.cm-tooltip': {
    border: '1px solid var(--hd-line-strong)',
    borderRadius: '8px',
    backgroundColor: 'var(--hd-card)',
    color: 'var(--hd-text)',
    boxShadow: 'var(--hd-shadow-float)',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--hd-accent-soft)', color: 'var(--hd-text)' },
  '.cm-completionDetail': { color: 'var(--hd-text-dim)', fontStyle: 'normal' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeftWidth: '3px' },
});

const languages: Record<CodeMode, () => Extension> = {
  template: () => [templateMarks],
  cel: () => [celLanguage],
  json: () => [json(), templateMarks],
  'plain-json': () => [json()],
  javascript: () => [javascript(), lineNumbers()],
  text: () => [],
};

/** Ctrl+Enter runs; CodeMirror's own meaning of it, a blank line, must not come first. A dialog around the field has its own. */
const runKey = Prec.highest(
  EditorView.domEventHandlers({
    keydown(event, view) {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return false;
      if (!view.dom.closest('[role="dialog"]')) window.dispatchEvent(new CustomEvent('heddle:run'));
      return true;
    },
  }),
);

/** The page's CSP nonce, so that CodeMirror may add its style sheet. */
const nonce = (): string => document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';

/** A CodeMirror editor for templates, CEL, JSON and JavaScript. */
export default function CodeMirror(props: CodeProps) {
  const { id, label, mode, value, multiline = false, tall = false, full = false, placeholder, disabled = false, invalid = false, step } = props;
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const editable = useRef(new Compartment());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once a mode; value and callbacks are read through `latest`
  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const expressions = mode === 'template' || mode === 'cel' || mode === 'json';
    const scope = () => latest.current.names ?? completionScope(session, session.draft.workflow.get(), latest.current.step);
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          runKey,
          history(),
          bracketMatching(),
          closeBrackets(),
          EditorView.lineWrapping,
          syntaxHighlighting(highlight),
          full ? EditorView.theme({ '.cm-scroller': { maxHeight: 'none' } }) : [],
          look,
          languages[mode](),
          expressions ? [expressionCompletion(mode, scope), expressionLint(mode, () => Object.keys(scope()))] : [],
          placeholder ? placeholderText(placeholder) : [],
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...(mode === 'javascript' ? [indentWithTab] : []), ...defaultKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': label, id, spellcheck: 'false', autocapitalize: 'off', 'aria-multiline': String(multiline) }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && update.transactions.some((t) => !t.annotation(fromOutside))) latest.current.onChange(update.state.doc.toString());
          }),
          editable.current.of([]),
          tall ? EditorView.theme({ '.cm-content': { minHeight: '180px' } }) : multiline ? EditorView.theme({ '.cm-content': { minHeight: '74px' } }) : [],
        ],
      }),
    });
    view.current = made;
    const at = takeFocus(id);
    if (at !== undefined) {
      made.dispatch({ selection: { anchor: Math.min(at, made.state.doc.length) } });
      made.focus();
    }
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, [mode, label, session]);

  useEffect(() => {
    view.current?.dispatch({ effects: editable.current.reconfigure([EditorView.editable.of(!disabled), EditorState.readOnly.of(disabled)]) });
  }, [disabled]);

  useEffect(() => {
    const made = view.current;
    if (!made || made.state.doc.toString() === value) return;
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value }, annotations: fromOutside.of(true) });
  }, [value]);

  return (
    <div ref={host} className={classes.code} data-invalid={invalid || undefined} data-disabled={disabled || undefined} data-step={step} data-mode={mode} />
  );
}
