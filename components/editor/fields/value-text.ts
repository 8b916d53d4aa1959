import type { Json } from '@/core/workflow/workflow';

/** A value as text in a field: text as it is unless that would read as something else, everything else as JSON. */
export function toText(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  return value === '' || reads(value) ? JSON.stringify(value) : value;
}

/** The value a text means: JSON, one or more `{{ }}`, or plain words. A text that begins like JSON but is none (yet) is a fault. */
export function fromText(text: string): { ok: true; value: Json | undefined } | { ok: false; message: string } {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: undefined };
  if (trimmed.startsWith('{{') || !/^[{["]/.test(trimmed)) {
    const parsed = trimmed.startsWith('{{') ? undefined : parse(trimmed);
    return { ok: true, value: parsed?.ok ? parsed.value : text };
  }
  const parsed = parse(trimmed);
  return parsed.ok ? parsed : { ok: false, message: `Not valid JSON yet: ${parsed.message}` };
}

const reads = (text: string): boolean => {
  const trimmed = text.trim();
  return parse(trimmed).ok || (/^[{["]/.test(trimmed) && !trimmed.startsWith('{{'));
};

function parse(text: string): { ok: true; value: Json } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
