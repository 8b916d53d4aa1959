'use client';
import { ActionIcon, Button } from '@mantine/core';
import { IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { JsonObject } from '@/core/workflow/workflow';
import { FieldFrame } from './field-frame';
import type { FieldProps, LabelledFieldProps } from './field-props';
import { isShown } from './field-schema';
import classes from './fields.module.css';
import { withSetting } from './with-setting';

/** An array of objects: one card an item, made from the item's own schema. */
export function ListField({
  label,
  help,
  field,
  value,
  problem,
  disabled,
  step,
  plain,
  item: Item,
  onChange,
}: LabelledFieldProps & { /** draws one setting of an item */ item: ComponentType<FieldProps> }) {
  const items = Array.isArray(value) ? value.map((item) => (item && typeof item === 'object' && !Array.isArray(item) ? item : {})) : [];
  const schema = field.items ?? {};
  const replace = (index: number, change: (item: JsonObject) => JsonObject) => onChange(items.map((item, at) => (at === index ? change(item) : item)));
  const swap = (index: number) =>
    onChange(items.map((item, at) => (at === index - 1 ? (items[index] ?? item) : at === index ? (items[index - 1] ?? item) : item)));
  return (
    <FieldFrame label={label} help={help} problem={problem}>
      <div className={classes.cards}>
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity of their own; their place is what they are
          <div key={index} className={classes.card}>
            <div className={classes.cardHead}>
              <span>{index + 1}</span>
              {disabled ? null : (
                <span>
                  <ActionIcon aria-label={`Move item ${index + 1} up`} size={26} disabled={index === 0} onClick={() => swap(index)}>
                    <IconArrowUp size={15} stroke={1.7} />
                  </ActionIcon>
                  <ActionIcon aria-label={`Remove item ${index + 1}`} size={26} onClick={() => onChange(items.filter((_, at) => at !== index))}>
                    <IconTrash size={15} stroke={1.7} />
                  </ActionIcon>
                </span>
              )}
            </div>
            {Object.entries(schema.properties ?? {})
              .filter(([, child]) => isShown(child, item, schema))
              .map(([name, child]) => (
                <Item
                  key={name}
                  name={name}
                  field={child}
                  value={item[name]}
                  required={schema.required?.includes(name) ?? false}
                  disabled={disabled}
                  step={step}
                  plain={plain}
                  onChange={(next) => replace(index, (now) => withSetting(now, name, next))}
                />
              ))}
          </div>
        ))}
        {disabled ? null : (
          <Button
            variant="subtle"
            size="compact-sm"
            className={classes.addRow}
            leftSection={<IconPlus size={14} />}
            disabled={field.maxItems !== undefined && items.length >= field.maxItems}
            onClick={() => onChange([...items, {}])}
          >
            Add
          </Button>
        )}
      </div>
    </FieldFrame>
  );
}
