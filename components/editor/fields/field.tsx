'use client';
import { CodeField } from './code-field';
import { ExpressionToggle } from './expression-toggle';
import type { FieldProps } from './field-props';
import { editorOf, isTemplate, labelOf } from './field-schema';
import { HelpText } from './help-text';
import { JsonField } from './json-field';
import { KeyValueField } from './key-value-field';
import { ListField } from './list-field';
import { CredentialField, ModelField } from './server-fields';
import { SimpleField } from './simple-field';
import { TemplateField } from './template-field';
import { WorkflowField } from './workflow-field';

/** One setting, edited by what its schema asks for. A number, switch or choice can also be an expression. */
export function Field(props: FieldProps) {
  const { field, value, disabled, plain = false, onChange } = props;
  const editor = editorOf(field);
  const label = labelOf(props.name, field);
  const labelled = { ...props, label, help: field.description ? <HelpText text={field.description} /> : undefined };
  switch (editor) {
    case 'select':
    case 'number':
    case 'switch':
    case 'duration': {
      const on = !plain && isTemplate(value);
      return (
        <ExpressionToggle on={on} label={label} disabled={disabled || plain} onToggle={() => onChange(on ? field.default : '{{ data }}')}>
          {on ? <TemplateField {...labelled} /> : <SimpleField {...labelled} />}
        </ExpressionToggle>
      );
    }
    case 'timezone':
    case 'cron':
      return <SimpleField {...labelled} />;
    case 'text':
    case 'textarea':
    case 'date-time':
      return plain ? <SimpleField {...labelled} /> : <TemplateField {...labelled} multiline={editor === 'textarea'} />;
    case 'expression':
      return <TemplateField {...labelled} cel />;
    case 'key-value':
      return <KeyValueField {...labelled} />;
    case 'list':
      return <ListField {...labelled} item={Field} />;
    case 'code':
      return <CodeField {...labelled} />;
    case 'model':
      return <ModelField {...labelled} />;
    case 'workflow': {
      const on = isTemplate(value);
      return (
        <ExpressionToggle on={on} label={label} disabled={disabled} onToggle={() => onChange(on ? undefined : '{{ input.workflow }}')}>
          {on ? <TemplateField {...labelled} /> : <WorkflowField {...labelled} />}
        </ExpressionToggle>
      );
    }
    case 'credential':
      return <CredentialField {...labelled} />;
    default:
      return <JsonField {...labelled} />;
  }
}
