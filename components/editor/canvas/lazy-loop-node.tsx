'use client';
import type { NodeProps } from '@xyflow/react';
import { lazy, Suspense } from 'react';
import type { LoopFlowNode } from '../model/flow-elements';

const LoopNode = lazy(() => import('./loop-node'));

/** A loop's frame, loaded with the first workflow that has one. */
export function LazyLoopNode(props: NodeProps<LoopFlowNode>) {
  return (
    <Suspense fallback={null}>
      <LoopNode {...props} />
    </Suspense>
  );
}
