'use client';
import { NumberInput, Select, Switch, TagsInput, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { parseDuration, formatDuration as writeDuration } from '@/core/workflow/duration';
import type { RetryPolicy } from '@/core/workflow/workflow';
import { DurationField } from '../fields/duration-field';
import fields from '../fields/fields.module.css';
import classes from './panel.module.css';

const defaultRetry: RetryPolicy = { attempts: 3, backoff: 'exponential', delay: 1000, maxDelay: 60_000 };
/** Codes that steps fail with, for a start; any other may be typed. */
const codes = [
  'timeout',
  'wait_timeout',
  'circuit_open',
  'http_5*',
  'http_429',
  'http_4*',
  'request_failed',
  'connection_refused',
  'unavailable',
  'model_error',
  'code_error',
];
const codePattern = /^[A-Za-z0-9_*.-]{1,64}$/;

/** How often a step is tried again, how long it waits in between, and after which errors. */
export function RetryFields({
  retry,
  disabled,
  onChange,
}: {
  retry: RetryPolicy | undefined;
  disabled: boolean;
  onChange: (retry: RetryPolicy | undefined) => void;
}) {
  const [open, setOpen] = useState(() => Boolean(retry?.on || retry?.except || retry?.jitter === false));
  return (
    <div className={classes.stack}>
      <NumberInput
        label="Retries"
        description="How often it is tried again after the first failure."
        min={0}
        max={100}
        allowDecimal={false}
        disabled={disabled}
        value={retry?.attempts ?? 0}
        onChange={(value) => {
          const attempts = typeof value === 'number' ? value : 0;
          onChange(attempts > 0 ? { ...(retry ?? defaultRetry), attempts } : undefined);
        }}
      />
      {retry ? (
        <>
          <Select
            label="Pause between"
            description={pauses(retry)}
            disabled={disabled}
            allowDeselect={false}
            data={[
              { value: 'fixed', label: 'Always the same' },
              { value: 'linear', label: 'Grows steadily' },
              { value: 'exponential', label: 'Doubles' },
            ]}
            value={retry.backoff}
            onChange={(backoff) => onChange({ ...retry, backoff: (backoff ?? 'exponential') as RetryPolicy['backoff'] })}
          />
          <div className={classes.pair}>
            <DurationField
              label="First pause"
              disabled={disabled}
              value={writeDuration(retry.delay)}
              onChange={(text) => onChange({ ...retry, delay: parseDuration(text ?? '') ?? 1000 })}
            />
            <DurationField
              label="Longest pause"
              disabled={disabled}
              value={writeDuration(retry.maxDelay)}
              onChange={(text) => onChange({ ...retry, maxDelay: parseDuration(text ?? '') ?? 60_000 })}
            />
          </div>
          <UnstyledButton className={fields.more} aria-expanded={open} onClick={() => setOpen(!open)}>
            <IconChevronRight size={16} stroke={1.7} style={{ transform: open ? 'rotate(90deg)' : undefined }} aria-hidden />
            Which errors, and exact pauses
          </UnstyledButton>
          {open ? <Finer retry={retry} disabled={disabled} onChange={onChange} /> : null}
        </>
      ) : null}
    </div>
  );
}

function Finer({ retry, disabled, onChange }: { retry: RetryPolicy; disabled: boolean; onChange: (retry: RetryPolicy) => void }) {
  const set = (changes: { [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined }) =>
    onChange(Object.fromEntries(Object.entries({ ...retry, ...changes }).filter(([, value]) => value !== undefined)) as unknown as RetryPolicy);
  const listed = (next: string[]) => {
    const kept = next.map((code) => code.trim()).filter((code) => codePattern.test(code));
    return kept.length > 0 ? kept.slice(0, 20) : undefined;
  };
  return (
    <>
      <TagsInput
        label="Only these errors"
        description="Codes such as timeout; * stands for anything. Empty: every error that may pass by itself."
        placeholder={retry.on ? undefined : 'Every error'}
        disabled={disabled}
        data={codes}
        value={retry.on ?? []}
        onChange={(next) => set({ on: listed(next) })}
      />
      <TagsInput
        label="Never these errors"
        placeholder={retry.except ? undefined : 'None'}
        disabled={disabled}
        data={codes}
        value={retry.except ?? []}
        onChange={(next) => set({ except: listed(next) })}
      />
      <Switch
        label="Vary the pauses"
        description="Steps that failed together do not all come back at the same moment."
        disabled={disabled}
        checked={retry.jitter !== false}
        onChange={(event) => set({ jitter: event.currentTarget.checked ? undefined : false })}
      />
    </>
  );
}

/** The first pauses, as they will be: `About 1s, 2s, 4s.` */
function pauses({ attempts, backoff, delay, maxDelay, jitter }: RetryPolicy): string {
  const grown = (n: number): number => Math.min(maxDelay, backoff === 'fixed' ? delay : backoff === 'linear' ? delay * n : delay * 2 ** (n - 1));
  const first = Array.from({ length: Math.min(attempts, 5) }, (_, i) => writeDuration(grown(i + 1)));
  return `${jitter === false ? '' : 'At most '}${first.join(', ')}${attempts > 5 ? ', …' : ''}${jitter === false ? '' : ', and at least half of that'}.`;
}
