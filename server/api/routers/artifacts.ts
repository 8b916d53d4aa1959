import { listArtifacts } from '@/server/artifacts';
import { listArtifactsInput } from '@/server/artifacts/schema';
import { page, router, run, tenantProcedure } from '../trpc';

export const artifactsRouter = router({
  /** the files of a run; their content is at /ORG/runs/RUN/files/ID for people, and at their `url` for keys */
  list: tenantProcedure('run:read').input(listArtifactsInput.extend(page)).query(run(listArtifacts)),
});
