'use client';
import { Autocomplete, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { useSession } from '../session-context';
import type { LabelledFieldProps } from './field-props';

/** The models of the organization's providers; any other name may be typed. */
export function ModelField({ label, help, field, value, problem, disabled, onChange }: LabelledFieldProps) {
  const { org } = useSession();
  const models = useQuery(useTRPC().models.list.queryOptions({ org }, { staleTime: 60_000 }));
  const names = (models.data ?? []).map((model) => model.id);
  return (
    <Autocomplete
      label={label}
      description={help}
      error={problem}
      disabled={disabled}
      data={[...new Set(names)]}
      placeholder={typeof field.default === 'string' ? field.default : 'provider/model'}
      value={typeof value === 'string' ? value : ''}
      onChange={(next) => onChange(next === '' ? undefined : next)}
    />
  );
}

/** The organization's credentials by name. */
export function CredentialField({ label, help, value, problem, disabled, onChange }: LabelledFieldProps) {
  const { org } = useSession();
  const credentials = useQuery(useTRPC().credentials.list.queryOptions({ org }, { staleTime: 60_000, retry: false }));
  const data = (credentials.data ?? []).map((credential) => ({ value: credential.name, label: credential.name }));
  const known = typeof value === 'string' && value !== '' && !data.some((item) => item.value === value) ? [{ value, label: value }] : [];
  return (
    <Select
      label={label}
      description={help}
      error={problem}
      disabled={disabled}
      data={[...data, ...known]}
      placeholder={data.length === 0 ? 'No credentials yet' : 'None'}
      nothingFoundMessage="No credential of this name"
      searchable
      clearable
      value={typeof value === 'string' ? value : null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
