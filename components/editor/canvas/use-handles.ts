'use client';
import { useUpdateNodeInternals } from '@xyflow/react';
import { useEffect, useRef } from 'react';

/** Tells React Flow when a node got other handles: it measures them only when the node's size changes. */
export function useHandles(id: string, handles: string): void {
  const update = useUpdateNodeInternals();
  const known = useRef(handles);
  useEffect(() => {
    if (known.current === handles) return;
    known.current = handles;
    update(id);
  }, [id, handles, update]);
}
