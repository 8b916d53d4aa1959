'use client';
import { useUpdateNodeInternals } from '@xyflow/react';
import { useEffect, useRef } from 'react';

/** Tells React Flow when a node got other handles: it measures them only when the node's size changes. `late`: the node itself came after its size. */
export function useHandles(id: string, handles: string, late = false): void {
  const update = useUpdateNodeInternals();
  const known = useRef(late ? undefined : handles);
  useEffect(() => {
    if (known.current === handles) return;
    known.current = handles;
    update(id);
  }, [id, handles, update]);
}
