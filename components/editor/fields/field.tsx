'use client';
import { ActionIcon, Autocomplete, Input, NumberInput, Select, Switch, Textarea, type TextareaProps, TextInput, type TextInputProps, Tooltip } from '@mantine/core';
import { IconMathFunction } from '@tabler/icons-react';
import { useId } from 'react';
import type { Json } from '@/core/workflow/workflow';
import { CodeField } from './code-field';
import { CredentialField, ModelField } from './server-fields';
import { DurationField } from './duration-field';
import { editorOf, type FieldSchema, isTemplate, labelOf } from './field-schema';
import { HelpText } from './help-text';
import { JsonField } from './json-field';
import { KeyValueField } from './key-value-field';
import { ListField } from './list-field';
import { TemplateField } from './template-field';
import classes from './fields.module.css';

export interface FieldProps {
  name: string;
  field: FieldSchema;
  value: Json | undefined;
  required: boolean;
  disabled: boolean;
  /** what validation says of this setting */
  problem?: string;
  /** id of the step, for previews and completion */
  step?: string;
  /** values only: no expressions, as in a run's input */
  plain?: boolean;
  onChange: (value: Json | undefined) => void;
}

/** One setting, edited by what its schema asks for. A number, switch or choice can also be an expression. */
export function Field(props: FieldProps) {
  const { name, field, value, required, disabled, problem, plain = false, onChange } = props;
  const id = useId();
  const editor = editorOf(field);
  const label = labelOf(name, field);
  const help = field.description ? <HelpText text={field.description} /> : undefined;
  const common = { id, label, description: help, error: problem, disabled, required, withAsterisk: false };
  const canBeExpression = editor === 'number' || editor === 'switch' || editor === 'select' || editor === 'duration';
  if (canBeExpression && !plain && isTemplate(value)) {
    return (
      <WithToggle on label={label} disabled={disabled} onToggle={() => onChange(field.default)}>
        <TemplateField {...props} label={label} help={help} />
      </WithToggle>
    );
  }
  const toggle = (child: React.ReactNode) => (
    <WithToggle label={label} disabled={disabled || plain} onToggle={() => onChange('{{ data }}')}>
      {child}
    </WithToggle>
  );
  switch (editor) {
    case 'select':
      return toggle(
        <Select
          {...common}
          data={(field.enum ?? []).map((option) => ({ value: String(option), label: field.labels?.[String(option)] ?? String(option) }))}
          value={value === undefined ? String(field.default ?? '') || null : String(value)}
          onChange={(next) => onChange((field.enum ?? []).find((option) => String(option) === next))}
          comboboxProps={{ withinPortal: true }}
        />,
      );
    case 'number':
      return toggle(
        <NumberInput
          {...common}
          value={typeof value === 'number' ? value : ''}
          placeholder={field.default === undefined ? field.placeholder : String(field.default)}
          min={field.minimum}
          max={field.maximum}
          clampBehavior="blur"
          allowDecimal={field.type !== 'integer'}
          suffix={field.unit ? ` ${field.unit}` : undefined}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />,
      );
    case 'switch':
      return toggle(
        <Switch {...common} className={classes.switch} checked={typeof value === 'boolean' ? value : field.default === true} onChange={(event) => onChange(event.currentTarget.checked)} />,
      );
    case 'duration':
      return toggle(<DurationField {...common} placeholder={field.placeholder ?? (typeof field.default === 'string' ? field.default : '30s')} value={typeof value === 'string' ? value : ''} onChange={onChange} />);
    case 'key-value':
      return <KeyValueField {...props} label={label} help={help} />;
    case 'list':
      return <ListField {...props} label={label} help={help} />;
    case 'json':
    case 'template':
      return <JsonField {...props} label={label} help={help} />;
    case 'code':
      return <CodeField label={label} help={help} value={typeof value === 'string' ? value : ''} language={field.language ?? 'javascript'} disabled={disabled} problem={problem} onChange={onChange} />;
    case 'model':
      return <ModelField {...props} label={label} help={help} />;
    case 'credential':
      return <CredentialField {...props} label={label} help={help} />;
    case 'timezone':
      return <Autocomplete {...common} data={zones()} limit={50} placeholder={field.placeholder} value={typeof value === 'string' ? value : String(field.default ?? '')} onChange={(next) => onChange(next)} />;
    case 'cron':
      return <TextInput {...common} classNames={{ input: classes.mono }} placeholder={field.placeholder} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'date-time':
    case 'text':
    case 'textarea':
      if (plain) return <PlainText common={common} field={field} value={value} multiline={editor === 'textarea'} onChange={onChange} />;
      return <TemplateField {...props} label={label} help={help} multiline={editor === 'textarea'} />;
    default:
      return <TemplateField {...props} label={label} help={help} cel={editor === 'expression'} />;
  }
}

function PlainText({ common, field, value, multiline, onChange }: { common: TextInputProps; field: FieldSchema; value: Json | undefined; multiline: boolean; onChange: FieldProps['onChange'] }) {
  const text = typeof value === 'string' ? value : '';
  const type = field.format === 'date' ? 'date' : field.format === 'email' ? 'email' : field.format === 'uri' ? 'url' : 'text';
  if (multiline) return <Textarea {...(common as TextareaProps)} autosize minRows={3} maxRows={12} value={text} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
  return <TextInput {...common} type={type} placeholder={field.placeholder} value={text} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
}

const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** The small ƒ beside a label that turns a fixed setting into an expression and back. */
function WithToggle({ on = false, label, disabled, onToggle, children }: { on?: boolean; label: string; disabled: boolean; onToggle: () => void; children: React.ReactNode }) {
  const words = on ? `Use a fixed value for ${label}` : `Use an expression for ${label}`;
  return (
    <div className={classes.toggled}>
      {children}
      {disabled ? null : (
        <Tooltip label={words}>
          <ActionIcon className={classes.toggle} size={22} aria-label={words} aria-pressed={on} data-on={on || undefined} onClick={onToggle}>
            <IconMathFunction size={15} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

/** Label, help and fault of a field that is no Mantine input. */
export function FieldFrame({ label, help, problem, children, action, labelFor }: { label: string; help?: React.ReactNode; problem?: string; children: React.ReactNode; action?: React.ReactNode; labelFor?: string }) {
  return (
    <Input.Wrapper
      label={
        <span className={classes.labelRow}>
          {label}
          {action}
        </span>
      }
      labelElement={labelFor ? 'label' : 'div'}
      labelProps={labelFor ? { htmlFor: labelFor } : undefined}
      description={help}
      error={problem}
    >
      <div className={classes.holder} data-help={help ? true : undefined} data-problem={problem ? true : undefined}>
        {children}
      </div>
    </Input.Wrapper>
  );
}
