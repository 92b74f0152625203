/** How long a query may take unless it has a budget of its own, in ms. */
export const BUDGET_MS = 300;

const TRACE_BY_ID_MS = 50;
/** A search is a few of these, the last the largest. */
const SEARCH_MS = 700;
/** Each statement of the overview of services over an hour. */
const SERVICE_OVERVIEW_MS = 200;

/** Queries with a budget of their own, by name, in ms. A test holds that there are queries of these names. */
export const BUDGETS_MS: Readonly<Record<string, number>> = {
  'console: trace_spans': TRACE_BY_ID_MS,
  'trace.json: Spans (traces)': TRACE_BY_ID_MS,
  'traces.json: Trace (traces)': TRACE_BY_ID_MS,
  'console: trace_matches': SEARCH_MS,
  'console: services_seen': SERVICE_OVERVIEW_MS,
  'services.json: Requests (stat)': SERVICE_OVERVIEW_MS,
  'services.json: Errors (stat)': SERVICE_OVERVIEW_MS,
  'services.json: p95 (stat)': SERVICE_OVERVIEW_MS,
  'services.json: Services (stat)': SERVICE_OVERVIEW_MS,
  'services.json: Rate (timeseries)': SERVICE_OVERVIEW_MS,
  'services.json: Errors (timeseries)': SERVICE_OVERVIEW_MS,
  'services.json: Duration (timeseries)': SERVICE_OVERVIEW_MS,
  'services.json: p95 by service (timeseries)': SERVICE_OVERVIEW_MS,
  'services.json: Operations (table)': SERVICE_OVERVIEW_MS,
};
