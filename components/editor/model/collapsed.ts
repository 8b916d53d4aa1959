const keyOf = (workflowId: string): string => `heddle.folded.${workflowId}`;

/** The loops that this browser shows folded. */
export function readCollapsed(workflowId: string): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(workflowId)) ?? '[]');
    return new Set(Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

export function keepCollapsed(workflowId: string, collapsed: ReadonlySet<string>): void {
  try {
    if (collapsed.size === 0) localStorage.removeItem(keyOf(workflowId));
    else localStorage.setItem(keyOf(workflowId), JSON.stringify([...collapsed]));
  } catch {
    // only a convenience
  }
}
