import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { listArtifacts, serveArtifact } from '@/server/artifacts';
import { logger } from '@/server/lib/logger';
import { defineRoute } from '../route';
import { waiting } from '../waiting';
import { paging } from './schemas';
import { artifactId, runId } from './workflow-id';

const artifact = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    path: z.string().describe('of the step that produced it'),
    name: z.string(),
    contentType: z.string(),
    size: z.number().int().describe('bytes'),
    sha256: z.string(),
    at: z.iso.datetime(),
    url: z.string().describe('its content, relative to this server'),
  })
  .meta({ id: 'Artifact' });

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/runs/{id}/artifacts',
  operationId: 'listArtifacts',
  summary: 'The files that a run produced.',
  permission: 'run:read',
  query: z.strictObject(paging()),
  responses: {
    200: {
      description: 'A page, oldest first',
      schema: z.object({ items: z.array(artifact), nextCursor: z.string().nullable() }).meta({ id: 'ArtifactList' }),
    },
  },
  async handle({ ctx, params, query: { cursor, limit } }) {
    if (cursor !== undefined && cursor !== null) artifactId(cursor);
    return { status: 200, body: await listArtifacts(ctx, { runId: runId(params.id), cursor, limit }) };
  },
});

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/runs/{id}/artifacts/{artifactId}',
  operationId: 'readArtifact',
  summary: 'The content of a file, whole or one range of it (`Range: bytes=0-99`).',
  permission: 'run:read',
  responses: {
    200: { description: 'The content, as an attachment' },
    206: { description: 'The range' },
    416: { description: 'The file has no such range' },
  },
  async handle({ ctx, params, req, res, signal, release }) {
    const { status, headers, open } = await serveArtifact(ctx, { runId: runId(params.id), artifactId: artifactId(params.artifactId) }, req.headers.range);
    if (!open || req.method === 'HEAD') {
      res.writeHead(status, headers).end();
      return 'streamed';
    }
    return waiting(release, async () => {
      const content = await open();
      res.writeHead(status, headers);
      // cut off before its length is reached: the client sees that it has not all of it
      await pipeline(content, res, { signal }).catch((error: Error) => {
        if (!signal.aborted) logger.warn({ err: error, artifactId: params.artifactId }, 'a file could not be sent to its end');
        res.destroy();
      });
      return 'streamed' as const;
    });
  },
});

export const artifactRoutes = [list, read];
