import { ApprovalCount } from '@/components/approvals/approval-count';
import { DeadLetterCount } from '@/components/dead-letters/dead-letter-count';
import type { Place } from './navigation';

/** What waits at a place of the organization. */
export function PlaceCount({ of }: { of: Place['counts'] }) {
  if (of === 'approvals') return <ApprovalCount />;
  return of === 'dead letters' ? <DeadLetterCount /> : null;
}
