import type { JsonObject } from '@/core/workflow/workflow';
import { heddleUrl } from '@/server/lib/egress';

/** Variables every project has: `env.heddle_url`, where this Heddle serves its own public data. A project's own variable of the same name wins. */
export function ownVariables(): JsonObject {
  own ??= { heddle_url: heddleUrl() };
  return own;
}
let own: JsonObject | undefined;
