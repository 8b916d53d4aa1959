import type { Json, JsonObject } from '@/core/workflow/workflow';

/** An object with one key set in its place, or removed when the value is undefined. */
export function withSetting(settings: JsonObject, name: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...settings, [name]: value };
  const { [name]: _removed, ...rest } = settings;
  return rest;
}
