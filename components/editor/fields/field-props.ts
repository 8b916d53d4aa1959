import type { Json } from '@/core/workflow/workflow';
import type { FieldSchema } from './field-schema';

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

/** A field whose label and help were worked out. */
export type LabelledFieldProps = FieldProps & { label: string; help?: React.ReactNode };
