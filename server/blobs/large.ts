import { buffer } from 'node:stream/consumers';
import { type BlobReference, blobStore } from './blobs';

/** JSON of more characters than this goes to the blob store. */
export const largeCharacters = 262_144;

const mark = '{"$blob":';
const escaped = `${mark}null,"value":`;
const headCharacters = 200;
const tailCharacters = 40;

/** What stands in the place of a large JSON text: a reference, and how the text begins and ends, so that small facts need no read. */
export interface LargeReference extends BlobReference {
  head: string;
  /** the text has this word as a key somewhere; who looks for answers of Respond steps finds the reference by it */
  respond?: true;
  /** the last key: SQL finds it at the end of the reference (step_failures_publish) */
  tail: string;
}

/**
 * What to keep in the database for a JSON text (written by JSON.stringify): the text itself, or, when it is large, a reference to a blob that holds it.
 * A small text that looks like a reference is wrapped, so that nobody forges one. Rejects with StorageFull, or when the store cannot be reached.
 */
export async function storeLarge(organizationId: string, json: string, runId?: string): Promise<string> {
  if (json.length <= largeCharacters) return json.startsWith(mark) ? `${escaped}${json}}` : json;
  const reference = await blobStore().put(organizationId, Buffer.from(json), { contentType: 'application/json', runId });
  const respond = json.includes('"respond":') ? { respond: true as const } : {};
  const large: LargeReference = { ...reference, head: json.slice(0, headCharacters), ...respond, tail: json.slice(-tailCharacters) };
  return `${mark}${JSON.stringify(large)}}`;
}

/** The JSON text that storeLarge was given. Rejects when its blob is gone or damaged. */
export async function loadLarge(organizationId: string, data: string): Promise<string> {
  const reference = largeReference(organizationId, data);
  if (reference) return (await buffer(await blobStore().get(reference))).toString('utf8');
  return data.startsWith(escaped) ? data.slice(escaped.length, -1) : data;
}

/** The reference that stands for a large text, if one does. Throws when it is another organization's. */
export function largeReference(organizationId: string, data: string): LargeReference | undefined {
  if (!data.startsWith(mark) || data.startsWith(escaped)) return undefined;
  const { $blob: reference } = JSON.parse(data) as { $blob: LargeReference };
  if (!reference.key.startsWith(`${organizationId}/`)) throw new Error('A reference to a blob of another organization.');
  return reference;
}
