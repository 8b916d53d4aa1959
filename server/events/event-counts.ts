/** What this process did with events, for /metrics. */
export const eventCounts = { published: 0, dispatched: 0, started: 0, filterFailures: 0 };
