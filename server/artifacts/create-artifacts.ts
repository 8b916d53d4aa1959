import { v7 as uuid } from 'uuid';
import type { ArtifactService } from '@/core/node/executor';
import { blobStore } from '@/server/blobs';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { cleanContentType, cleanName } from './file-name';
import { artifactUrl } from './internal';

/** What steps keep files with: the bytes first, then the row that names them, so that a file is there whole or not at all. */
export function createArtifacts(): ArtifactService {
  return {
    async save({ organizationId, runId, path }, file) {
      const name = cleanName(file.name);
      const contentType = cleanContentType(file.contentType);
      const blob = await blobStore().put(organizationId, file.content, { contentType, runId, maxBytes: file.maxBytes });
      const saved = await insert({ organizationId, runId, path, name, contentType }, blob).catch(async (error) => {
        await blobStore()
          .remove([blob.key])
          .catch(() => {});
        throw error;
      });
      if (saved.replaced) {
        await blobStore()
          .remove([saved.replaced])
          .catch((error) => logger.warn({ err: error, key: saved.replaced }, 'the former content of a file could not be removed; it goes with its run'));
      }
      return { id: saved.id, name, size: blob.size, contentType, url: artifactUrl(runId, saved.id) };
    },
  };
}

/** Names the file. A step that runs again after a crash finds its file: same id, new content. */
async function insert(
  of: { organizationId: string; runId: string; path: string; name: string; contentType: string },
  blob: { key: string; size: number; sha256: string },
): Promise<{ id: string; replaced: string | null }> {
  const { rows } = await enginePool().query<{ id: string; replaced: string | null }>(
    `WITH old AS (SELECT blob_key FROM artifact WHERE organization_id = $1 AND run_id = $3 AND path = $4 AND name = $5)
     INSERT INTO artifact (organization_id, id, run_id, path, name, content_type, size, sha256, blob_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (organization_id, run_id, path, name) DO UPDATE
       SET content_type = excluded.content_type, size = excluded.size, sha256 = excluded.sha256, blob_key = excluded.blob_key, at = now()
     RETURNING id, (SELECT blob_key FROM old) AS replaced`,
    [of.organizationId, uuid(), of.runId, of.path, of.name, of.contentType, blob.size, blob.sha256, blob.key],
  );
  const row = rows[0];
  if (!row) throw new Error('The file was not noted.');
  return row;
}
