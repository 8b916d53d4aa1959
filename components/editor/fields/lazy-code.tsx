'use client';
import { Component, lazy, type ReactNode, Suspense, useLayoutEffect, useRef } from 'react';
import type { JsonObject } from '@/core/workflow/workflow';
import classes from './code.module.css';
import { leaveFocus } from './handed-focus';

export type CodeMode = 'template' | 'cel' | 'json' | 'plain-json' | 'javascript' | 'text';
export interface CodeProps {
  id: string;
  label: string;
  mode: CodeMode;
  value: string;
  multiline?: boolean;
  tall?: boolean;
  /** as high as its text */
  full?: boolean;
  placeholder?: string;
  disabled?: boolean;
  invalid?: boolean;
  /** whose expressions these are, for completion */
  step?: string;
  /** examples of the names in reach, where they are others than a step's */
  names?: JsonObject;
  onChange: (value: string) => void;
}

const CodeMirror = lazy(() => import('./code-mirror'));

/** CodeMirror, loaded when the first such field is shown; until then, and if it cannot be loaded, a plain field that works. */
export function LazyCode(props: CodeProps) {
  const plain = <Plain {...props} />;
  return (
    <Fallback instead={plain}>
      <Suspense fallback={plain}>
        <CodeMirror {...props} />
      </Suspense>
    </Fallback>
  );
}

function Plain({ id, label, value, multiline, tall, placeholder, disabled, invalid, onChange }: CodeProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    return () => {
      if (element && document.activeElement === element) leaveFocus(id, element.selectionStart);
    };
  }, [id]);
  return (
    <textarea
      ref={field}
      id={id}
      aria-label={label}
      className={classes.plain}
      rows={Math.max(tall ? 8 : multiline ? 3 : 1, Math.min(12, value.split('\n').length))}
      value={value}
      placeholder={placeholder}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

class Fallback extends Component<{ instead: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? this.props.instead : this.props.children;
  }
}
