import { serveFile } from '@/server/api/serve-file';

export const dynamic = 'force-dynamic';

/** A file of a run, for the browser of a member. */
export async function GET(request: Request, { params }: { params: Promise<{ org: string; runId: string; fileId: string }> }): Promise<Response> {
  return serveFile(request, await params);
}
