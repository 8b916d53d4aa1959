import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCredential } from '@/server/credentials';
import { makeTenant, type TestDatabase, testDatabase } from '@/server/db/testing';
import { listModels } from '.';

let database: TestDatabase;
let provider: Server;
let baseUrl: string;
let asked: (string | undefined)[] = [];

beforeAll(async () => {
  provider = createServer((req, res) => {
    asked.push(req.headers.authorization);
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data: [{ id: 'small' }, { id: 'large' }, { id: 5 }, null] }));
  });
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
  baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  database = await testDatabase({ HEDDLE_EGRESS_ALLOW: '127.0.0.0/8' });
});
afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await database.close();
});

describe('the models of an organization', () => {
  it('are the simulated ones, those entered and those the provider lists', async () => {
    const { ctx, contextAs } = await makeTenant('A');
    const other = await makeTenant('B');
    expect((await listModels(ctx)).map((m) => m.id)).toEqual(['sandbox/default']);
    await createCredential(ctx, { kind: 'openai-compatible', name: 'acme', baseUrl, apiKey: 'sk-listing-1', models: ['special', 'small'] });
    await createCredential(ctx, { kind: 'openai-compatible', name: 'down', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-listing-2' });
    asked = [];
    expect((await listModels(contextAs('viewer'))).map((m) => m.id)).toEqual(['sandbox/default', 'acme/special', 'acme/small', 'acme/large']);
    await listModels(ctx);
    expect(asked).toEqual(['Bearer sk-listing-1']);
    expect((await listModels(other.ctx)).map((m) => m.id)).toEqual(['sandbox/default']);
  });
});
