import * as z from 'zod';

/**
 * How a setting is edited. The form is generated from the definition's zod schema (`z.toJSONSchema`), and these words are all it needs to know
 * beyond JSON Schema. Without `widget` the form goes by the schema's type (string: text, number, boolean: switch, enum: select).
 *
 * | widget | edits |
 * | --- | --- |
 * | text, textarea | a string, `{{ }}` templates allowed |
 * | expression | raw CEL, one line, no braces (the definition lists the path in `expressions`) |
 * | template | any JSON value whose strings may be templates: an object editor, or one `{{ }}` |
 * | json | any JSON value, templates allowed, edited as JSON text |
 * | code | source text, `language` says which (the definition lists the path in `verbatim`) |
 * | duration | `30s`, `5m`, `2h`, `1d` |
 * | select | one of `enum` |
 * | key-value | an object of strings, as rows of name and value |
 * | list | an array of objects, one card an item, made from the item's own schema |
 * | model, credential | a picker fed by the server (`models.list`, `credentials.list`), free text allowed |
 * | workflow | the slug of another workflow: a picker fed by the server, with a way to open it |
 * | cron, timezone, date-time | text with a preview or suggestions |
 */
export type SettingWidget =
  | 'text'
  | 'textarea'
  | 'expression'
  | 'template'
  | 'json'
  | 'code'
  | 'duration'
  | 'select'
  | 'key-value'
  | 'list'
  | 'model'
  | 'credential'
  | 'workflow'
  | 'cron'
  | 'timezone'
  | 'date-time';

declare module 'zod' {
  interface GlobalMeta {
    widget?: SettingWidget;
    placeholder?: string;
    /** shown behind a number: `MB`, `tokens` */
    unit?: string;
    /** the setting is shown only when its sibling `setting` has one of these values (its default counts) */
    showWhen?: { setting: string; oneOf: (string | number | boolean)[] };
    /** of a `code` widget */
    language?: 'javascript' | 'json';
    /** words for enum values, by value */
    labels?: Record<string, string>;
    /** of an `expression` that sees other names than a step's: an example of each */
    names?: Record<string, unknown>;
    /** goes into the folded "More" part of the form */
    advanced?: boolean;
  }
}

// zod compiles parsers with `new Function`, which the pages' Content-Security-Policy refuses. Every definition imports this file before it makes a schema.
if (typeof window !== 'undefined') z.config({ jitless: true });
