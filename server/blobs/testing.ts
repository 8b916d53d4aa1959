import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { S3Settings } from './s3-store';

export interface FakeS3 {
  settings: S3Settings;
  objects: Map<string, Buffer>;
  /** uploads in parts that were begun and not completed */
  uploads: Map<string, { key: string; parts: Map<number, Buffer> }>;
  requests: string[];
  /** answers the next requests with these statuses instead */
  failWith: number[];
  close: () => Promise<void>;
}

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', region: 'eu-test-1' };

/** A bucket of a server that follows Amazon's published REST API and checks the signature and content hash of every request by itself. */
export async function fakeS3(): Promise<FakeS3> {
  const fake: FakeS3 = { objects: new Map(), uploads: new Map(), requests: [], failWith: [], settings: undefined as never, close: undefined as never };
  const server = createServer((request, response) => {
    void answer(fake, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.settings = { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bucket: 'heddle-test', ...credentials };
  fake.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return fake;
}

async function answer(fake: FakeS3, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const body = await buffer(request);
  const [, bucket, ...rest] = url.pathname.split('/');
  const key = rest.join('/');
  const query = url.searchParams;
  const method = request.method ?? '';
  fake.requests.push(`${method} ${[...query.keys()].join(',')}`.trim());
  const fail = fake.failWith.shift();
  const refuse = (status: number, code: string) => response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);
  if (fail) return void refuse(fail, 'SlowDown');
  if (!isSigned(request, url, body)) return void refuse(403, 'SignatureDoesNotMatch');
  if (bucket !== fake.settings.bucket) return void refuse(404, 'NoSuchBucket');
  const upload = fake.uploads.get(query.get('uploadId') ?? '');
  if (query.has('uploadId') && !upload) return void refuse(404, 'NoSuchUpload');
  if (method === 'POST' && query.has('uploads')) {
    const id = `upload&${fake.uploads.size + 1}`;
    fake.uploads.set(id, { key, parts: new Map() });
    return void response.end(`<InitiateMultipartUploadResult><UploadId>${id.replace('&', '&amp;')}</UploadId></InitiateMultipartUploadResult>`);
  }
  if (method === 'PUT' && upload) {
    upload.parts.set(Number(query.get('partNumber')), body);
    return void response.writeHead(200, { etag: etag(body) }).end();
  }
  if (method === 'POST' && upload) return complete(fake, query.get('uploadId') ?? '', body.toString(), response);
  if (method === 'DELETE' && upload) {
    fake.uploads.delete(query.get('uploadId') ?? '');
    return void response.writeHead(204).end();
  }
  if (method === 'GET' && query.has('uploads')) {
    const found = [...fake.uploads].filter(([, u]) => u.key.startsWith(query.get('prefix') ?? ''));
    return void response.end(`<R>${found.map(([id]) => `<Upload><UploadId>${id.replace('&', '&amp;')}</UploadId></Upload>`).join('')}</R>`);
  }
  if (method === 'PUT') {
    fake.objects.set(key, body);
    return void response.writeHead(200, { etag: etag(body) }).end();
  }
  if (method === 'DELETE') {
    fake.objects.delete(key);
    return void response.writeHead(204).end();
  }
  const object = fake.objects.get(key);
  if (!object) return void refuse(404, 'NoSuchKey');
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (start !== undefined) return void response.writeHead(206).end(object.subarray(Number(start), Number(end) + 1));
  response.end(object);
}

function complete(fake: FakeS3, id: string, body: string, response: ServerResponse): void {
  const upload = fake.uploads.get(id);
  const wanted = [...body.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)].map(
    ([, n, tag]) => [Number(n), tag?.replace(/&quot;/g, '"')] as const,
  );
  const parts = wanted.map(([n, tag]) => ({ part: upload?.parts.get(n), tag }));
  const wrong = parts.some(({ part, tag }, i) => !part || etag(part) !== tag || (i < parts.length - 1 && part.length < 5 * 1024 * 1024));
  if (!upload || wrong) return void response.writeHead(400).end('<Error><Code>InvalidPart</Code></Error>');
  fake.objects.set(upload.key, Buffer.concat(parts.map(({ part }) => part ?? Buffer.alloc(0))));
  fake.uploads.delete(id);
  response.end('<CompleteMultipartUploadResult/>');
}

const etag = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Signature Version 4 as Amazon documents it, written apart from the library that the product signs with. */
function isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
  const [, scope = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '') ?? [];
  const [day = '', region = '', service, last] = scope.split('/');
  const hash = request.headers['x-amz-content-sha256'];
  if (region !== credentials.region || service !== 's3' || last !== 'aws4_request' || hash !== sha256(body) || !names.split(';').includes('host')) return false;
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams].map(([k, v]) => `${encode(k)}=${encode(v)}`).sort();
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, url.pathname, query.join('&'), headers.join(''), names, hash].join('\n');
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${credentials.secretAccessKey}`, day), region), 's3'), 'aws4_request');
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'));
}
