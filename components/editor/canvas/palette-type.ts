/** The kind of data a palette entry carries while it is dragged. */
export const PALETTE_TYPE = 'application/x-heddle-node';
