'use client';
import { NumberInput, Select, Switch } from '@mantine/core';
import { parseDuration, formatDuration as writeDuration } from '@/core/workflow/duration';
import { type RateLimit, ratePeriods, type WorkflowSettings } from '@/core/workflow/workflow';
import { DurationField } from '../fields/duration-field';
import { TemplateField } from '../fields/template-field';
import { useWorkflow } from '../session-context';
import classes from './panel.module.css';

interface Props {
  settings: WorkflowSettings;
  disabled: boolean;
  onChange: (changes: Partial<WorkflowSettings>, field: string) => void;
}

/** Which runs start when: at the same time, in a stretch of time, twice the same, in bursts. And what happens to the work of runs that fail. */
export function RunLimits(props: Props) {
  const { settings, disabled, onChange } = props;
  return (
    <>
      <div className={classes.pair}>
        <NumberInput
          label="Runs at a time"
          placeholder="No limit"
          min={1}
          max={10_000}
          allowDecimal={false}
          disabled={disabled}
          value={settings.concurrency ?? ''}
          onChange={(value) =>
            onChange(typeof value === 'number' ? { concurrency: value } : { concurrency: undefined, concurrencyKey: undefined }, 'concurrency')
          }
        />
        <NumberInput
          label="Priority"
          placeholder="0"
          min={-100}
          max={100}
          allowDecimal={false}
          disabled={disabled}
          value={settings.priority ?? ''}
          onChange={(value) => onChange({ priority: typeof value === 'number' ? value : undefined }, 'priority')}
        />
      </div>
      {settings.concurrency === undefined ? null : (
        <Key
          label="Counted for each"
          help="So many runs for each value of this, such as each customer. Empty: of all together."
          value={settings.concurrencyKey}
          disabled={disabled}
          onChange={(concurrencyKey) => onChange({ concurrencyKey }, 'concurrencyKey')}
        />
      )}
      <Rate {...props} />
      <Dedupe {...props} />
      <Debounce {...props} />
      <Switch
        label="Undo when a run does not succeed"
        description="Whenever a run fails, runs out of time or is cancelled, completed steps that have an undoing step are undone, the last one first."
        disabled={disabled}
        checked={settings.compensate === true}
        onChange={(event) => onChange({ compensate: event.currentTarget.checked || undefined }, 'compensate')}
      />
    </>
  );
}

function Rate({ settings: { rate }, disabled, onChange }: Props) {
  const set = (next: RateLimit | undefined) => onChange({ rate: next }, 'rate');
  return (
    <Choice
      label="Limit how often runs start"
      help="More than that wait their turn; none is lost."
      on={rate !== undefined}
      disabled={disabled}
      onToggle={(on) => set(on ? { limit: 10, per: 'minute' } : undefined)}
    >
      {rate ? (
        <>
          <div className={classes.pair}>
            <NumberInput
              label="At most"
              min={1}
              max={1_000_000}
              allowDecimal={false}
              disabled={disabled}
              suffix={rate.limit === 1 ? ' start' : ' starts'}
              value={rate.limit}
              onChange={(value) => typeof value === 'number' && value >= 1 && set({ ...rate, limit: value })}
            />
            <Select
              label="In any"
              allowDeselect={false}
              disabled={disabled}
              data={[...ratePeriods]}
              value={rate.per}
              onChange={(per) => set({ ...rate, per: (per ?? 'minute') as RateLimit['per'] })}
            />
          </div>
          <Key
            label="Counted for each"
            help="Empty: all runs of this workflow together."
            value={rate.key}
            disabled={disabled}
            onChange={(key) => set(key === undefined ? { limit: rate.limit, per: rate.per } : { ...rate, key })}
          />
        </>
      ) : null}
    </Choice>
  );
}

function Dedupe({ settings: { dedupe }, disabled, onChange }: Props) {
  return (
    <Choice
      label="Start once for the same thing"
      help="A second start with the same key answers with the run of the first."
      on={dedupe !== undefined}
      disabled={disabled}
      onToggle={(on) => onChange({ dedupe: on ? { key: '{{ input.id }}', window: 3_600_000 } : undefined }, 'dedupe')}
    >
      {dedupe ? (
        <>
          <Key
            label="Key"
            required
            value={dedupe.key}
            disabled={disabled}
            onChange={(key) => onChange({ dedupe: { ...dedupe, key: key ?? '' } }, 'dedupe.key')}
          />
          <DurationField
            label="Remembered for"
            disabled={disabled}
            value={writeDuration(dedupe.window)}
            onChange={(text) => onChange({ dedupe: { ...dedupe, window: parseDuration(text ?? '') || 3_600_000 } }, 'dedupe.window')}
          />
        </>
      ) : null}
    </Choice>
  );
}

function Debounce({ settings: { debounce }, disabled, onChange }: Props) {
  const set = (changes: Partial<NonNullable<WorkflowSettings['debounce']>>, field: string) => {
    const all = Object.entries({ ...debounce, ...changes }).filter(([, value]) => value !== undefined);
    onChange({ debounce: Object.fromEntries(all) as unknown as NonNullable<WorkflowSettings['debounce']> }, `debounce.${field}`);
  };
  return (
    <Choice
      label="Make one run of a burst"
      help="Starts that follow each other closely become one run, with the latest input."
      on={debounce !== undefined}
      disabled={disabled}
      onToggle={(on) => onChange({ debounce: on ? { wait: 5_000 } : undefined }, 'debounce')}
    >
      {debounce ? (
        <>
          <div className={classes.pair}>
            <DurationField
              label="Quiet for"
              disabled={disabled}
              value={writeDuration(debounce.wait)}
              onChange={(text) => set({ wait: parseDuration(text ?? '') || 5_000 }, 'wait')}
            />
            <DurationField
              label="At the latest after"
              placeholder="No limit"
              disabled={disabled}
              value={debounce.maxWait === undefined ? '' : writeDuration(debounce.maxWait)}
              onChange={(text) => set({ maxWait: text === undefined ? undefined : parseDuration(text) || undefined }, 'maxWait')}
            />
          </div>
          <Key
            label="For each"
            help="Empty: all starts of this workflow together."
            value={debounce.key}
            disabled={disabled}
            onChange={(key) => set({ key }, 'key')}
          />
        </>
      ) : null}
    </Choice>
  );
}

/** A switch with what it opens up below it. */
function Choice({
  label,
  help,
  on,
  disabled,
  onToggle,
  children,
}: {
  label: string;
  help: string;
  on: boolean;
  disabled: boolean;
  onToggle: (on: boolean) => void;
  children: React.ReactNode;
}) {
  return (
    <div className={classes.choice}>
      <Switch label={label} description={help} disabled={disabled} checked={on} onChange={(event) => onToggle(event.currentTarget.checked)} />
      {on ? <div className={classes.chosen}>{children}</div> : null}
    </div>
  );
}

/** A template over the run's input. */
function Key({
  label,
  help,
  value,
  required = false,
  disabled,
  onChange,
}: {
  label: string;
  help?: string;
  value: string | undefined;
  required?: boolean;
  disabled: boolean;
  onChange: (key: string | undefined) => void;
}) {
  const properties = useWorkflow((workflow) => workflow.input?.properties);
  // known when a run is started
  const names = { input: properties ?? {}, workflow: { name: '', version: 0 }, env: {} };
  return (
    <TemplateField
      name="key"
      label={label}
      help={help}
      field={{ placeholder: '{{ input.customer }}', names }}
      value={value}
      required={required}
      disabled={disabled}
      problem={required && !value ? 'Wants a text such as {{ input.id }}' : undefined}
      onChange={(next) => onChange(typeof next === 'string' && next.trim() !== '' ? next : undefined)}
    />
  );
}
