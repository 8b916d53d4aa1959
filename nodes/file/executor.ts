import type { z } from 'zod';
import { type NodeExecutor, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { toCsv } from './csv';
import type { fileConfig } from './definition';

type Config = z.infer<typeof fileConfig>;

const byFormat: Record<Config['format'], string> = {
  text: 'text/plain; charset=utf-8',
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  base64: 'application/octet-stream',
};
const byEnding: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  zip: 'application/zip',
};

/** Keeps the content as a file of the run; its place is the output. */
const file: NodeExecutor<Config> = async (config, { organizationId, runId, path, data, services }) => {
  if (!services.artifacts) throw new StepError('not_available', 'No files can be kept here.', { retryable: false });
  const content = bytesOf(config.format, config.content === undefined ? data : (config.content as Json));
  const ending = /\.([A-Za-z0-9]+)$/.exec(config.name)?.[1]?.toLowerCase() ?? '';
  const contentType = config.contentType || byEnding[ending] || byFormat[config.format];
  const saved = await services.artifacts.save({ organizationId, runId, path }, { name: config.name, contentType, content });
  return { output: { ...saved } };
};
export default file;

function bytesOf(format: Config['format'], content: Json): Uint8Array {
  switch (format) {
    case 'text':
      return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    case 'json':
      return Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
    case 'csv':
      return Buffer.from(toCsv(content));
    case 'base64': {
      const text = typeof content === 'string' ? content.replace(/^data:[^,]*;base64,/, '').replace(/\s+/g, '') : '';
      if (typeof content !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) {
        throw new StepError('invalid_content', 'The content is not Base64 text.', { retryable: false });
      }
      return Buffer.from(text, 'base64');
    }
  }
}
