import type { Metadata } from 'next';
import { DeadLetterDetail } from '@/components/dead-letters/dead-letter-detail';
import { NoPermission } from '@/components/ui/query-state';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Dead letter' };

export default async function DeadLetterPage({ params }: { params: Promise<{ org: string; id: string }> }) {
  const { org, id } = await params;
  const letter = await pageData((api) => api.deadLetters.get({ org, id }));
  if (!letter) return <NoPermission message="Your role may not read dead letters." />;
  return <DeadLetterDetail key={id} initial={letter} />;
}
