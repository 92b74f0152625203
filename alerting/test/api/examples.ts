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
  readonly incident: string;
  /** Makes one that can be taken back. */
  readonly newOverride: () => string;
  readonly post: string;
  /** Makes one that can be deleted. */
  readonly newPost: () => string;
}

const STARTS = '2026-11-20T10:00:00Z';
const ENDS = '2036-11-20T12:00:00.123456789+01:00';
const matcher = { name: 'alertname', value: 'Down', isRegex: false };
const silence = { matchers: [matcher], startsAt: STARTS, endsAt: ENDS, createdBy: 'ana', comment: 'move' };
const flag = (path: string, name: string) => ({ path: `${path}?${name}=perhaps`, field: name });

/** One example for every endpoint, by method and path as declared: an endpoint without one fails the contract test. */
export function listExamples(ids: ExampleIds): Readonly<Record<string, Example>> {
  return {
    'GET /api/v1/slos': { good: { path: '/api/v1/slos' }, bad: [] },
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
    'GET /api/v1/rules/{group}/{name}/values': {
      good: { path: '/api/v1/rules/web/Down/values' },
      bad: [{ path: '/api/v1/rules/web/Down/values?from=yesterday', field: 'from' }],
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
    ...listOnCallExamples(ids),
    ...listStatusExamples(ids),
    'GET /api/v1/openapi.json': {
      good: { path: '/api/v1/openapi.json' },
      bad: [{ path: '/api/v1/openapi.json?pretty=1', field: 'pretty' }],
    },
  };
}

const override = { schedule: 'primary', user: 'ben', start: STARTS, end: '2026-11-21T10:00:00Z' };
const swap = { schedule: 'primary', first: '2026-12-02T10:00:00Z', second: '2026-12-09T10:00:00Z' };

function listOnCallExamples({ incident, newOverride }: ExampleIds): Readonly<Record<string, Example>> {
  const at = `/api/v1/incidents/${incident}`;
  const time = (path: string, name: string) => ({ path: `${path}?${name}=yesterday`, field: name });
  const shifts = '/api/v1/oncall/schedules/primary/shifts';
  return {
    'GET /api/v1/incidents': {
      good: { path: '/api/v1/incidents?status=open&receiver=oncall&before=2036-01-01T00:00:00Z' },
      bad: [
        { path: '/api/v1/incidents?status=burning', field: 'status' },
        { path: '/api/v1/incidents?limit=0', field: 'limit' },
        time('/api/v1/incidents', 'before'),
      ],
    },
    'GET /api/v1/incidents/{id}': { good: { path: at }, bad: [] },
    'POST /api/v1/incidents/{id}/acknowledge': { good: { path: `${at}/acknowledge` }, bad: [] },
    'POST /api/v1/incidents/{id}/unacknowledge': { good: { path: `${at}/unacknowledge` }, bad: [] },
    'POST /api/v1/incidents/{id}/notes': {
      good: { path: `${at}/notes`, body: { text: 'it is the disk' } },
      bad: [
        { path: `${at}/notes`, body: {}, field: 'text' },
        { path: `${at}/notes`, body: { text: ' ' }, field: 'text' },
        { path: `${at}/notes`, body: { text: 'x'.repeat(4_001) }, field: 'text' },
        { path: `${at}/notes`, body: { text: 'x', actor: 'ben' }, field: 'actor' },
      ],
    },
    'GET /api/v1/oncall/mean-times': {
      good: { path: '/api/v1/oncall/mean-times?receiver=oncall' },
      bad: ['from', 'to'].map((name) => time('/api/v1/oncall/mean-times', name)),
    },
    'GET /api/v1/oncall/now': { good: { path: '/api/v1/oncall/now' }, bad: [] },
    'GET /api/v1/oncall/schedules/{schedule}/shifts': {
      good: { path: `${shifts}?to=2026-12-24T00:00:00Z` },
      bad: ['from', 'to'].map((name) => time(shifts, name)),
    },
    'GET /api/v1/oncall/gaps': { good: { path: '/api/v1/oncall/gaps' }, bad: [] },
    'GET /api/v1/oncall/schedules/{schedule}/calendar.ics': {
      good: { path: '/api/v1/oncall/schedules/primary/calendar.ics' },
      bad: [],
    },
    'GET /api/v1/oncall/users/{user}/calendar.ics': {
      good: { path: '/api/v1/oncall/users/ana/calendar.ics' },
      bad: [],
    },
    'GET /api/v1/oncall/overrides': { good: { path: '/api/v1/oncall/overrides' }, bad: [] },
    'POST /api/v1/oncall/overrides': {
      good: { path: '/api/v1/oncall/overrides', body: override },
      bad: [
        { path: '/api/v1/oncall/overrides', body: { ...override, user: 7 }, field: 'user' },
        { path: '/api/v1/oncall/overrides', body: { ...override, end: 'later' }, field: 'end' },
        { path: '/api/v1/oncall/overrides', body: { ...override, start: '' }, field: 'start' },
      ],
    },
    'DELETE /api/v1/oncall/overrides/{id}': {
      get good() {
        return { path: `/api/v1/oncall/overrides/${newOverride()}` };
      },
      bad: [],
    },
    'POST /api/v1/oncall/swaps': {
      good: { path: '/api/v1/oncall/swaps', body: swap },
      bad: [
        { path: '/api/v1/oncall/swaps', body: { ...swap, first: undefined }, field: 'first' },
        { path: '/api/v1/oncall/swaps', body: { ...swap, more: 1 }, field: 'more' },
      ],
    },
  };
}

const outage = {
  kind: 'incident',
  title: 'Payments fail',
  text: 'We look into it.',
  monitors: ['pay'],
  impact: 'down',
};
const move = { kind: 'maintenance', title: 'We move', text: 'An hour.', startsAt: '2026-11-22T02:00:00Z' };

function listStatusExamples({ post, newPost }: ExampleIds): Readonly<Record<string, Example>> {
  const path = '/api/v1/status-posts';
  const at = `${path}/${post}`;
  const update = { status: 'identified', text: 'It is the disk.' };
  return {
    'GET /api/v1/status-posts': {
      good: { path: `${path}?kind=incident&days=7&limit=5` },
      bad: [
        { path: `${path}?kind=accident`, field: 'kind' },
        { path: `${path}?days=731`, field: 'days' },
        { path: `${path}?limit=0`, field: 'limit' },
      ],
    },
    'GET /api/v1/status-posts/{id}': { good: { path: at }, bad: [] },
    'POST /api/v1/status-posts': {
      good: { path, body: outage },
      bad: [
        { path, body: { ...outage, kind: 'accident' }, field: 'kind' },
        { path, body: { ...outage, title: ' ' }, field: 'title' },
        { path, body: { ...outage, title: 'x'.repeat(201) }, field: 'title' },
        { path, body: { ...outage, text: 'x'.repeat(5_001) }, field: 'text' },
        { path, body: { ...outage, impact: 'burning' }, field: 'impact' },
        { path, body: { ...outage, status: 'scheduled' }, field: 'status' },
        { path, body: { ...outage, endsAt: '2026-11-22T02:00:00Z' }, field: 'endsAt' },
        { path, body: move, field: 'endsAt' },
        { path, body: { ...move, endsAt: 'later' }, field: 'endsAt' },
      ],
    },
    'PATCH /api/v1/status-posts/{id}': {
      good: { path: at, body: { title: 'Card payments fail' } },
      bad: [
        { path: at, body: { title: '' }, field: 'title' },
        { path: at, body: { impact: 'maintenance' }, field: 'impact' },
        { path: at, body: { kind: 'maintenance' }, field: 'kind' },
      ],
    },
    'POST /api/v1/status-posts/{id}/updates': {
      good: { path: `${at}/updates`, body: update },
      bad: [
        { path: `${at}/updates`, body: { ...update, status: 'lost' }, field: 'status' },
        { path: `${at}/updates`, body: { ...update, text: '' }, field: 'text' },
      ],
    },
    'DELETE /api/v1/status-posts/{id}': {
      get good() {
        return { path: `${path}/${newPost()}` };
      },
      bad: [],
    },
  };
}
