'use client';
import { NumberInput, Select } from '@mantine/core';
import type { Step } from '@/core/workflow/workflow';
import classes from './panel.module.css';

/** How many of several ways must lead to a step before it starts. Shown with two ways or more. */
export function JoinField({ step, disabled, onChange }: { step: Step; disabled: boolean; onChange: (join: Step['join']) => void }) {
  const ways = step.dependsOn.length;
  const kind = typeof step.join === 'number' ? 'number' : (step.join ?? 'all');
  return (
    <div className={classes.stack}>
      <Select
        label="Starts after"
        description={`${ways} connections lead here. ${explained[kind]}`}
        disabled={disabled}
        allowDeselect={false}
        data={[
          { value: 'all', label: 'All of them' },
          { value: 'any', label: 'The first of them' },
          { value: 'number', label: 'A number of them' },
        ]}
        value={kind}
        onChange={(next) => onChange(next === 'any' ? 'any' : next === 'number' ? Math.min(2, ways) : undefined)}
      />
      {typeof step.join === 'number' ? (
        <NumberInput
          label="How many"
          min={1}
          max={ways}
          clampBehavior="strict"
          allowDecimal={false}
          disabled={disabled}
          suffix={` of ${ways}`}
          value={step.join}
          onChange={(value) => typeof value === 'number' && value >= 1 && onChange(value)}
        />
      ) : null}
    </div>
  );
}

const explained = {
  all: 'It waits until each has settled; ways not taken do not count.',
  any: 'It starts as soon as one has led here, once, with what that one gave.',
  number: 'It starts as soon as so many have led here, once, with what those gave.',
};
