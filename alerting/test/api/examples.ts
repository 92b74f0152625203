/** A request as the contract test sends it; paths are whole, with parameters filled in. */
export interface ExampleRequest {
  readonly path: string;
  readonly body?: unknown;
}

/** What the contract test asks an endpoint. */
export interface Example {
  /** Answered with what the endpoint declares. */
  readonly good: ExampleRequest;
  /** Refused with a sentence that names the field. */
  readonly bad: readonly (ExampleRequest & { readonly field: string })[];
}

/** Ids of things that the contract test makes before it asks. */
export interface ExampleIds {
  readonly silence: string;
}

const STARTS = '2026-11-20T10:00:00Z';
const ENDS = '2036-11-20T12:00:00.123456789+01:00';
const matcher = { name: 'alertname', value: 'Down', isRegex: false };
const silence = { matchers: [matcher], startsAt: STARTS, endsAt: ENDS, createdBy: 'ana', comment: 'move' };
const flag = (path: string, name: string) => ({ path: `${path}?${name}=perhaps`, field: name });

/** One example for every endpoint, by method and path as declared: an endpoint without one fails the contract test. */
export function listExamples(ids: ExampleIds): Readonly<Record<string, Example>> {
  return {
    'GET /-/healthy': { good: { path: '/-/healthy' }, bad: [] },
    'GET /-/ready': { good: { path: '/-/ready' }, bad: [] },
    'POST /-/reload': { good: { path: '/-/reload' }, bad: [] },
    'GET /api/v2/status': { good: { path: '/api/v2/status' }, bad: [] },
    'GET /api/v2/receivers': { good: { path: '/api/v2/receivers?receiver_matchers=team!%3Dx' }, bad: [] },
    'GET /api/v2/alerts': {
      good: { path: '/api/v2/alerts?filter=alertname%3DDown&receiver=te.m' },
      bad: ['active', 'silenced', 'inhibited', 'unprocessed'].map((name) => flag('/api/v2/alerts', name)),
    },
    'POST /api/v2/alerts': {
      good: {
        path: '/api/v2/alerts',
        body: [{ labels: { alertname: 'Pushed' }, startsAt: STARTS, endsAt: null, more: 1 }],
      },
      bad: [
        { path: '/api/v2/alerts', body: [{}], field: '[0].labels' },
        { path: '/api/v2/alerts', body: [{ labels: { a: 1 } }], field: '[0].labels.a' },
        { path: '/api/v2/alerts', body: [{ labels: { a: 'b' }, startsAt: 'yesterday' }], field: '[0].startsAt' },
        { path: '/api/v2/alerts', body: [{ labels: { a: 'b' }, endsAt: '2026-02-30' }], field: '[0].endsAt' },
        { path: '/api/v2/alerts', body: {}, field: 'body' },
      ],
    },
    'GET /api/v2/alerts/groups': {
      good: { path: '/api/v2/alerts/groups?muted=false' },
      bad: ['active', 'silenced', 'inhibited', 'muted'].map((name) => flag('/api/v2/alerts/groups', name)),
    },
    'GET /api/v2/silences': {
      good: { path: '/api/v2/silences?filter=alertname%3D%22Down%22' },
      bad: ['active', 'pending', 'expired'].map((name) => flag('/api/v2/silences', name)),
    },
    'POST /api/v2/silences': {
      good: { path: '/api/v2/silences', body: silence },
      bad: [
        { path: '/api/v2/silences', body: { ...silence, matchers: [] }, field: 'matchers' },
        {
          path: '/api/v2/silences',
          body: { ...silence, matchers: [{ ...matcher, name: '' }] },
          field: 'matchers[0].name',
        },
        { path: '/api/v2/silences', body: { ...silence, startsAt: undefined }, field: 'startsAt' },
        { path: '/api/v2/silences', body: { ...silence, endsAt: 'later' }, field: 'endsAt' },
        { path: '/api/v2/silences', body: { ...silence, createdBy: undefined }, field: 'createdBy' },
        { path: '/api/v2/silences', body: { ...silence, comment: 7 }, field: 'comment' },
      ],
    },
    'GET /api/v2/silence/{silenceID}': {
      good: { path: `/api/v2/silence/${ids.silence}` },
      bad: [{ path: '/api/v2/silence/7', field: 'silenceID' }],
    },
    'DELETE /api/v2/silence/{silenceID}': {
      good: { path: `/api/v2/silence/${ids.silence}` },
      bad: [{ path: '/api/v2/silence/7', field: 'silenceID' }],
    },
    'GET /api/v1/status': { good: { path: '/api/v1/status' }, bad: [] },
    'GET /api/v1/receivers': { good: { path: '/api/v1/receivers' }, bad: [] },
    'GET /api/v1/alerts': { good: { path: '/api/v1/alerts?silenced=false' }, bad: [] },
    'POST /api/v1/alerts': { good: { path: '/api/v1/alerts', body: [] }, bad: [] },
    'GET /api/v1/silences': { good: { path: '/api/v1/silences' }, bad: [] },
    'POST /api/v1/silences': { good: { path: '/api/v1/silences', body: {} }, bad: [] },
    'GET /api/v1/silence/{silenceID}': { good: { path: '/api/v1/silence/7' }, bad: [] },
    'DELETE /api/v1/silence/{silenceID}': { good: { path: '/api/v1/silence/7' }, bad: [] },
    'GET /api/v1/rules': {
      good: { path: '/api/v1/rules?state=firing' },
      bad: [
        { path: '/api/v1/rules?state=burning', field: 'state' },
        { path: '/api/v1/rules?health=fine', field: 'health' },
        { path: '/api/v1/rules?color=red', field: 'color' },
      ],
    },
    'POST /api/v1/silences/preview': {
      good: { path: '/api/v1/silences/preview', body: { matchers: ['alertname="Down"', matcher] } },
      bad: [
        { path: '/api/v1/silences/preview', body: {}, field: 'matchers' },
        { path: '/api/v1/silences/preview', body: { matchers: [] }, field: 'matchers' },
        { path: '/api/v1/silences/preview', body: { matchers: ['nonsense'] }, field: 'matchers[0]' },
        {
          path: '/api/v1/silences/preview',
          body: { matchers: [{ ...matcher, value: 1 }] },
          field: 'matchers[0].value',
        },
        { path: '/api/v1/silences/preview', body: { matchers: ['a=b'], until: 'x' }, field: 'until' },
      ],
    },
    'GET /api/v1/deliveries': {
      good: { path: '/api/v1/deliveries?status=delivered&limit=5' },
      bad: [
        { path: '/api/v1/deliveries?limit=0', field: 'limit' },
        { path: '/api/v1/deliveries?limit=1001', field: 'limit' },
        { path: '/api/v1/deliveries?limit=x', field: 'limit' },
        { path: '/api/v1/deliveries?status=lost', field: 'status' },
      ],
    },
    'GET /api/v1/audit': {
      good: { path: '/api/v1/audit?actor=admin-token&before=1000' },
      bad: [
        { path: '/api/v1/audit?before=0', field: 'before' },
        { path: '/api/v1/audit?limit=-1', field: 'limit' },
      ],
    },
    'GET /api/v1/openapi.json': {
      good: { path: '/api/v1/openapi.json' },
      bad: [{ path: '/api/v1/openapi.json?pretty=1', field: 'pretty' }],
    },
  };
}
