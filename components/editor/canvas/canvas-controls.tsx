'use client';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { useReactFlow, useStore } from '@xyflow/react';
import classes from './canvas.module.css';

/** Zoom out, the zoom itself (back to 100 %), zoom in, everything in view. */
export function CanvasControls({ onFit }: { onFit: () => void }) {
  const flow = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div className={classes.controls} role="toolbar" aria-label="Zoom">
      <ActionIcon aria-label="Zoom out" size={30} onClick={() => void flow.zoomOut()}>
        <IconMinus size={16} stroke={1.7} />
      </ActionIcon>
      <button type="button" className={classes.zoom} aria-label={`Zoom ${zoom} percent, back to 100`} onClick={() => void flow.zoomTo(1)}>
        {zoom}%
      </button>
      <ActionIcon aria-label="Zoom in" size={30} onClick={() => void flow.zoomIn()}>
        <IconPlus size={16} stroke={1.7} />
      </ActionIcon>
      <Tooltip label="Fit to view (1)">
        <ActionIcon aria-label="Fit to view" size={30} onClick={onFit}>
          <IconMaximize size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
