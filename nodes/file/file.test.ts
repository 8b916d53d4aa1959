import { expect, it } from 'vitest';
import type { ArtifactService } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { testFaults, testStep } from '../test-step';

async function write(config: Record<string, unknown>) {
  const saved: { path: string; name: string; contentType: string; text: string }[] = [];
  const artifacts: ArtifactService = {
    save: async ({ path }, { name, contentType, content }) => {
      saved.push({ path, name, contentType, text: Buffer.from(content as Uint8Array).toString() });
      return { id: 'id', name, size: (content as Uint8Array).length, contentType, url: '/u' };
    },
  };
  const { output } = await testStep('file', config, { services: { artifacts } });
  return { ...saved[0], output };
}

it('writes text, JSON, tables and bytes, each with its type', async () => {
  expect(await write({ name: 'a.txt', content: 'héllo' })).toMatchObject({
    path: 'step',
    text: 'héllo',
    contentType: 'text/plain; charset=utf-8',
    output: { id: 'id', name: 'a.txt', size: 6, url: '/u' },
  });
  expect(await write({ name: 'a.md', content: '# x' })).toMatchObject({ contentType: 'text/markdown; charset=utf-8' });
  expect(await write({ name: 'a', format: 'json', content: { a: [1] } })).toMatchObject({
    text: '{\n  "a": [\n    1\n  ]\n}\n',
    contentType: 'application/json',
  });
  expect(await write({ name: 'x.bin', format: 'base64', content: 'data:x/y;base64,aGVs\nbG8=', contentType: 'x/y' })).toMatchObject({
    text: 'hello',
    contentType: 'x/y',
  });
});

it.each<[Json, string]>([
  [
    [
      { a: 1, b: 'x' },
      { a: 2, c: true },
    ],
    'a,b,c\r\n1,x,\r\n2,,true\r\n',
  ],
  [[['a', 'b'], [1, null], 'z'], 'a,b\r\n1,\r\nz\r\n'],
  [[{ q: 'say "hi", you\nthere', o: { k: 1 } }], 'q,o\r\n"say ""hi"", you\nthere","{""k"":1}"\r\n'],
  [[['=1+1', '-1', '-1+2', '@x', ' padded', -5]], "'=1+1,-1,'-1+2,'@x,\" padded\",-5\r\n"],
  [[], ''],
  ['ready,made', 'ready,made'],
])('writes the table %j', async (content, text) => {
  expect((await write({ name: 't.csv', format: 'csv', content })).text).toBe(text);
});

it('refuses what is none of these', async () => {
  await expect(write({ name: 't.csv', format: 'csv', content: { a: 1 } })).rejects.toMatchObject({ code: 'invalid_content', retryable: false });
  await expect(write({ name: 'b', format: 'base64', content: 'not base64!' })).rejects.toMatchObject({ code: 'invalid_content' });
  await expect(testStep('file', { name: 'b', content: 'x' })).rejects.toMatchObject({ code: 'not_available' });
  expect(testFaults('file', { name: '' })).toEqual(['name']);
});
