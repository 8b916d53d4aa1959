/** The plain field that had the focus when CodeMirror took its place, and where the cursor was. */
let left: { id: string; at: number } | undefined;

export function leaveFocus(id: string, at: number): void {
  left = { id, at };
}

/** Where CodeMirror is to go on because somebody was typing there: else the next key would go to the canvas. */
export function takeFocus(id: string): number | undefined {
  const at = left?.id === id ? left.at : undefined;
  left = undefined;
  return at;
}
