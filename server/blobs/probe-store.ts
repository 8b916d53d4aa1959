import { text } from 'node:stream/consumers';
import { v7 as uuid } from 'uuid';
import { openStore } from './open-store';

/** no organization's */
const nobody = '00000000-0000-0000-0000-000000000000';

/** Whether the store takes, gives and removes: resolves to where it is, else rejects with why not. */
export async function probeStore(): Promise<string> {
  const store = openStore();
  const key = `${nobody}/${uuid()}`;
  const written = `heddle doctor ${key}`;
  await store.write(
    key,
    (async function* () {
      yield Buffer.from(written);
    })(),
    'text/plain',
  );
  const found = await text(await store.read(key));
  await store.remove([key]);
  if (found !== written) throw new Error(`The blob store ${store.place} does not give back what it was given.`);
  return store.place;
}
