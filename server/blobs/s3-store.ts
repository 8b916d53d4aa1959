import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';
import { createOperatorClient, type OperatorClient } from '@/server/lib/egress';
import { assertKey, BlobMissing, type BlobStore, type Bytes, StoreAway } from './blob-store';

export interface S3Settings {
  /** `https://s3.eu-central-1.amazonaws.com`, `http://minio:9000` */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

interface Call {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
}

/** What is held in memory of one upload; S3 takes at most 10,000 parts, so up to 80 GB an upload. */
const partSize = 8 * 1024 * 1024;
const tries = 4;

/** Blobs in a bucket of Amazon S3 or whatever speaks its protocol (MinIO, Garage, R2, B2): addressed by path, signed with Signature Version 4. */
export class S3Store implements BlobStore {
  private readonly client: OperatorClient = createOperatorClient();
  private readonly base: string;

  constructor(private readonly settings: S3Settings) {
    this.base = `${settings.endpoint.replace(/\/+$/, '')}/${settings.bucket}`;
  }

  get place(): string {
    return this.base;
  }

  /** One request when it is small, else an upload in parts, which S3 shows only once it is complete. */
  async write(key: string, bytes: Bytes, contentType: string): Promise<void> {
    assertKey(key);
    const parts = partsOf(bytes);
    const first = (await parts.next()).value ?? new Uint8Array();
    const second = await parts.next();
    if (second.done) return discard(await this.expect({ method: 'PUT', key, headers: { 'content-type': contentType }, body: first }));
    const begun = await this.expect({ method: 'POST', key, query: { uploads: '' }, headers: { 'content-type': contentType } });
    const uploadId = element(await text(begun), 'UploadId')[0];
    if (!uploadId) throw new StoreAway(this.place, 'did not begin an upload');
    try {
      const tags = [await this.uploadPart(key, uploadId, 1, first), await this.uploadPart(key, uploadId, 2, second.value)];
      for await (const part of parts) tags.push(await this.uploadPart(key, uploadId, tags.length + 1, part));
      const list = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(tag)}</ETag></Part>`).join('');
      const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
      const done = await text(await this.expect({ method: 'POST', key, query: { uploadId }, headers: { 'content-type': 'application/xml' }, body }));
      // S3 may say 200 first and an error afterwards
      if (/<Error>/.test(done)) throw new StoreAway(this.place, `did not complete an upload: ${element(done, 'Code')[0] ?? 'unknown'}`);
    } catch (error) {
      await this.expect({ method: 'DELETE', key, query: { uploadId } }).then(discard, () => {});
      throw error;
    }
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    assertKey(key);
    const headers = range ? { range: `bytes=${range.start}-${range.end}` } : undefined;
    return this.expect({ method: 'GET', key, headers });
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      assertKey(key);
      discard(await this.expect({ method: 'DELETE', key }, [404]));
      // an upload in parts that a crash cut short
      const uploads = await text(await this.expect({ method: 'GET', query: { uploads: '', prefix: key } }, [404, 501]));
      for (const uploadId of element(uploads, 'UploadId')) discard(await this.expect({ method: 'DELETE', key, query: { uploadId } }, [404]));
    }
  }

  /** @public for tests and shutdown */
  close(): Promise<void> {
    return this.client.close();
  }

  private async uploadPart(key: string, uploadId: string, partNumber: number, body: Uint8Array): Promise<string> {
    const { headers, body: answer } = await this.send({ method: 'PUT', key, query: { partNumber: String(partNumber), uploadId }, body });
    answer.resume();
    const tag = headers.etag;
    if (typeof tag !== 'string') throw new StoreAway(this.place, 'took a part without an ETag');
    return tag;
  }

  private async expect(call: Call, also: number[] = []): Promise<Readable> {
    return (await this.send(call, also)).body;
  }

  /** Sends a signed request, again after a moment when the store is busy or away. Rejects with BlobMissing for a 404, unless it is among `also`. */
  private async send(call: Call, also: number[] = []) {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.once(call).catch((error: Error) => error);
      if (!(answer instanceof Error)) {
        if ((answer.status >= 200 && answer.status < 300) || also.includes(answer.status)) return answer;
        const said = (await text(answer.body)).slice(0, 2_000);
        if (answer.status === 404 && call.key && element(said, 'Code')[0] !== 'NoSuchBucket') throw new BlobMissing(call.key, this.place);
        const code = element(said, 'Code')[0];
        if (answer.status < 500 && answer.status !== 429) throw new StoreAway(this.place, `answers ${answer.status}${code ? ` (${code})` : ''}`);
        if (attempt === tries) throw new StoreAway(this.place, `answers ${answer.status}${code ? ` (${code})` : ''}, again and again`);
      } else if (attempt === tries) throw new StoreAway(this.place, `cannot be reached: ${answer.message}`, answer);
      await new Promise((resolve) => setTimeout(resolve, 100 * 4 ** (attempt - 1)));
    }
  }

  private async once({ method, key, query, headers, body }: Call) {
    const url = new URL(key ? `${this.base}/${key}` : this.base);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const { accessKeyId, secretAccessKey, region } = this.settings;
    const hash = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const signed = await new AwsV4Signer({
      url: url.toString(),
      method,
      headers: { ...headers, 'x-amz-content-sha256': hash },
      service: 's3',
      region,
      accessKeyId,
      secretAccessKey,
      allHeaders: true,
    }).sign();
    return this.client.send({ method, url: signed.url, headers: Object.fromEntries(signed.headers), body: body ?? (method === 'GET' ? undefined : '') });
  }
}

/** Cuts a stream into parts of `partSize`, the last one smaller. */
async function* partsOf(bytes: Bytes): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (let chunk of bytes) {
    while (size + chunk.length >= partSize) {
      const cut = partSize - size;
      yield Buffer.concat([...held, chunk.subarray(0, cut)]);
      chunk = chunk.subarray(cut);
      held = [];
      size = 0;
    }
    // the caller may use its buffer again
    if (chunk.length > 0) held.push(Buffer.from(chunk));
    size += chunk.length;
  }
  if (size > 0) yield Buffer.concat(held);
  return undefined;
}

function discard(body: Readable): void {
  body.resume();
}

/** The texts of elements of this name: S3's answers are flat enough for it. */
function element(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((m) => unescapeXml(m[1] ?? ''));
}

function escapeXml(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function unescapeXml(value: string): string {
  return value
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#34;/g, '"')
    .replace(/&amp;/g, '&');
}
