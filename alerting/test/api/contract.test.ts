import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mayAct } from '../../src/api/access/roles.ts';
import type { Endpoint } from '../../src/api/framework/endpoint.ts';
import { loadZod } from '../../src/api/framework/zod.ts';
import { createPostStore } from '../../src/status-posts/post-store.ts';
import { START_MS } from '../notify/scenario.ts';
import { ApiUnderTest, INTERNAL_KEY, TOKENS, tokens } from './api-under-test.ts';
import { type ExampleRequest, listExamples } from './examples.ts';

const ALERTING = `
${tokens()}
  route: { receiver: team, group_by: [alertname], group_wait: 1s, routes: [{ receiver: boss, continue: true }, { receiver: oncall, continue: true }, { receiver: team }] }
  receivers:
    - { name: oncall, escalation: default }
    - name: team
      email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25", auth_username: u, auth_password: hush-password }]
    - name: boss
      slack_configs: [{ api_url: "http://127.0.0.1:1/services/hush-webhook", channel: "#ops" }]
oncall:
  users: [{ name: ana, contact: [boss] }, { name: ben, contact: [boss] }]
  schedules: [{ name: primary, layers: [{ users: [ana, ben], rotation: weekly, start: 2026-11-16 }] }]
  escalations: [{ name: default, steps: [{ notify: [{ schedule: primary }] }] }]
monitors: [{ name: pay, http: 'http://pay.test/' }]
status_page: { monitors: [pay] }
`;
const SECRETS = [
  'hush-password',
  'hush-webhook',
  INTERNAL_KEY,
  ...Object.values(TOKENS).flatMap((token) => [token, hash('sha256', token)]),
];
const down = { alertname: 'Down', severity: 'page' };

const VALUES = {
  series: [{ labels: { monitor: 'shop' }, points: [{ timeMs: START_MS, value: Number.NaN }] }],
  threshold: 0.05,
  isUnfiltered: true,
  isCut: false,
};

let api: ApiUnderTest;
let examples: ReturnType<typeof listExamples>;
beforeAll(async () => {
  api = await ApiUnderTest.start(ALERTING, {
    rules: () => [
      {
        group: 'web',
        file: 'rules.yaml',
        name: 'Down',
        intervalMs: 30_000,
        expression: 'SELECT 1 AS value',
        forMs: 60_000,
        keepFiringForMs: 0,
        health: 'failing',
        error: 'timeout: no answer',
        evaluatedAtMs: START_MS,
        missing: [{ monitor: 'gone' }],
        alerts: [{ state: 'firing', labels: down, value: Number.NaN, activeAtMs: START_MS }],
      },
    ],
    ruleValues: () => Promise.resolve({ status: 'ok', values: VALUES }),
  });
  const { scenario } = api;
  scenario.push([down, { alertname: 'Short' }]);
  await scenario.until('10s');
  scenario.push([down], [{ alertname: 'Short' }]);
  const request = { startsAtMs: START_MS, endsAtMs: START_MS + 3_600_000, createdBy: 'ana', comment: 'now' };
  const matchers = [{ name: 'alertname', op: '=', value: 'Down' } as const];
  const { id } = scenario.notifier.silences.save({ ...request, matchers }, scenario.nowMs);
  const { overrides, incidents } = scenario.notifier.oncall;
  const times = { startMs: START_MS, endMs: START_MS + 86_400_000 };
  const posts = createPostStore(scenario.database, () => new Set());
  const newPost = (): string => {
    const facts = { title: 'Slow', monitors: [], impact: 'none', startsAtMs: START_MS, endsAtMs: undefined } as const;
    const post = { ...facts, kind: 'incident', status: 'investigating', text: 'We look.' } as const;
    const made = posts.create(post, 'ana', START_MS);
    return made.status === 'ok' ? made.post.id : '';
  };
  examples = listExamples({
    silence: id,
    incident: incidents.open()[0]?.id ?? '',
    post: newPost(),
    newPost,
    newOverride() {
      const made = overrides.create({ schedule: 'primary', user: 'ben', ...times }, 'ana', START_MS);
      return made.status === 'ok' ? made.result.id : '';
    },
  });
});
afterAll(() => api.stop());

const nameOf = ({ method, path }: Endpoint): string => `${method} ${path}`;
/** A method that no endpoint of the path has. */
const methodNotOf = ({ path }: Endpoint): string => {
  const own = new Set(api.api.endpoints.filter((other) => other.path === path).map(({ method }) => method));
  return (['PATCH', 'PUT'] as const).find((method) => !own.has(method)) ?? 'none';
};
const exampleOf = (endpoint: Endpoint) => {
  const example = examples[nameOf(endpoint)];
  if (!example) throw new Error(`${nameOf(endpoint)} has no example in examples.ts`);
  return example;
};
const send = async (endpoint: Endpoint, { path, body }: ExampleRequest, token: string | undefined) => {
  api.token = token;
  const answered = await api.ask(endpoint.method, path, body);
  const shown = JSON.stringify(answered.body) + JSON.stringify([...answered.headers]);
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
  return answered;
};
/** Vitest wants the list before anything has started. */
const declared = await (async () => {
  const early = await ApiUnderTest.start('');
  await early.stop();
  return early.api.endpoints;
})();
const named = (wanted: (endpoint: Endpoint) => boolean) => declared.filter(wanted).map((one) => [nameOf(one)] as const);
const find = (name: string): Endpoint => {
  const endpoint = api.api.endpoints.find((one) => nameOf(one) === name);
  if (!endpoint) throw new Error(name);
  return endpoint;
};
const roles = Object.keys(TOKENS) as (keyof typeof TOKENS)[];
const statusOf = ({ answerStatus = 200 }: Endpoint): number => answerStatus;
const isOwn = ({ path }: Endpoint): boolean => path.startsWith('/api/v1');
const isRetired = (endpoint: Endpoint): boolean => statusOf(endpoint) === 410;

test.each(named(() => true))('%s answers what it declares, and no secret, to each role that may ask', async (name) => {
  const endpoint = find(name);
  for (const role of roles.filter((one) => mayAct(one, endpoint.role))) {
    const { status, body, type } = await send(endpoint, exampleOf(endpoint).good, TOKENS[role]);
    expect({ role, status }).toEqual({ role, status: statusOf(endpoint) });
    // Whatever the schema does not name is missing from what it gives back.
    expect(endpoint.answer ? endpoint.answer(loadZod()).parse(body) : '').toEqual(body);
    expect(type ?? 'none').toContain(endpoint.answer ? (endpoint.answerType ?? 'application/json') : 'none');
  }
});

test.each(named(({ role }) => role === 'anyone'))('%s asks nobody who he is', async (name) => {
  const endpoint = find(name);
  expect((await send(endpoint, exampleOf(endpoint).good, undefined)).status).toBe(statusOf(endpoint));
});

test.each(named(({ role }) => role !== 'anyone'))('%s takes a token, and one of the right role', async (name) => {
  const endpoint = find(name);
  for (const token of [undefined, 'tocsin_no-such-token']) {
    const { status, headers } = await send(endpoint, exampleOf(endpoint).good, token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('Basic realm');
  }
  for (const role of roles.filter((one) => !mayAct(one, endpoint.role))) {
    const { status, body } = await send(endpoint, exampleOf(endpoint).good, TOKENS[role]);
    expect({ role, status }).toEqual({ role, status: 403 });
    expect(JSON.stringify(body)).toContain(`expected a token with the role ${endpoint.role}`);
  }
});

test.each(named((endpoint) => isOwn(endpoint) && !isRetired(endpoint)))(
  '%s refuses bad input with a problem that names the field',
  async (name) => {
    const endpoint = find(name);
    const query = { path: `${exampleOf(endpoint).good.path.split('?')[0]}?no_such=1`, field: 'no_such' };
    const { body } = exampleOf(endpoint).good;
    for (const { field, ...request } of [...exampleOf(endpoint).bad, { ...query, body }]) {
      const answered = await send(endpoint, request, TOKENS.admin);
      expect(answered.type).toContain('application/problem+json');
      expect(answered).toMatchObject({
        status: 400,
        body: {
          reason: 'invalid',
          detail: expect.stringContaining(`${field} in `),
          errors: [{ field, detail: expect.stringContaining('expected ') }],
        },
      });
    }
  },
);

test.each(named((endpoint) => !isOwn(endpoint)))('%s refuses bad input as Alertmanager does', async (name) => {
  const endpoint = find(name);
  for (const { field, ...request } of exampleOf(endpoint).bad) {
    const answered = await send(endpoint, request, TOKENS.admin);
    expect(answered).toMatchObject({ status: 422, body: { message: expect.stringContaining(field) } });
  }
});

test.each(named((endpoint) => endpoint.body !== undefined))('%s takes JSON of a bounded size', async (name) => {
  const endpoint = find(name);
  const { path } = exampleOf(endpoint).good;
  expect(exampleOf(endpoint).bad.length).toBeGreaterThan(0);
  api.token = TOKENS.admin;
  const limit = endpoint.bodyLimitBytes ?? 2 ** 20;
  expect((await api.ask(endpoint.method, path, 'a=b', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await api.ask(endpoint.method, path, '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
  expect((await api.ask(endpoint.method, path, '{')).status).toBe(400);
  expect((await api.ask(endpoint.method, path, '')).status).toBe(400);
  expect((await api.ask(endpoint.method, path, ' '.repeat(limit + 1))).status).toBe(413);
});

test.each(named(() => true))('%s takes no other method', async (name) => {
  const endpoint = find(name);
  const wrong = await api.ask(methodNotOf(endpoint), exampleOf(endpoint).good.path.split('?')[0] ?? '');
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')?.split(', ')).toContain(endpoint.method);
});

interface Operation {
  readonly summary: string;
  readonly responses: object;
  readonly requestBody?: object;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly security: readonly object[];
}

test.each(named((endpoint) => !isRetired(endpoint)))(
  '%s stands in the OpenAPI document with its parameters, its body and its answers',
  async (name) => {
    const endpoint = find(name);
    api.token = TOKENS.viewer;
    const { body } = await api.get<{ paths: Record<string, Record<string, Operation>> }>('/api/v1/openapi.json');
    const operation = body.paths[endpoint.path]?.[endpoint.method.toLowerCase()];
    expect(operation?.summary).toBe(endpoint.summary);
    expect(Object.keys(operation?.responses ?? {})).toEqual(
      expect.arrayContaining([`${statusOf(endpoint)}`, ...Object.keys(endpoint.refusals ?? {})]),
    );
    expect(operation?.requestBody !== undefined).toBe(endpoint.body !== undefined);
    const inPath = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    expect(operation?.parameters?.filter((one) => one.in === 'path').map((one) => one.name) ?? []).toEqual(inPath);
    expect(operation?.security.length === 0).toBe(endpoint.role === 'anyone');
  },
);

test('whatever changes something is audited, but what machines push', () => {
  const silent = declared.filter((one) => one.method !== 'GET' && !isRetired(one) && one.action === undefined);
  expect(silent.map(nameOf)).toEqual(['POST /api/v2/alerts', 'POST /api/v1/silences/preview']);
});

test.each(named(({ action }) => action !== undefined))(
  '%s leaves a trace of who did it, and of who was not allowed to',
  async (name) => {
    const endpoint = find(name);
    const { action } = endpoint;
    const entries = async () => {
      api.token = TOKENS.admin;
      return (await api.get<{ entries: object[] }>(`/api/v1/audit?action=${action}&limit=1`)).body.entries;
    };
    await send(endpoint, exampleOf(endpoint).good, TOKENS.admin);
    const at = new Date(api.scenario.nowMs).toISOString();
    expect(await entries()).toMatchObject([{ action, actor: 'admin-token', role: 'admin', outcome: 'ok', at }]);
    await send(endpoint, exampleOf(endpoint).good, TOKENS.viewer);
    expect(await entries()).toMatchObject([{ action, actor: 'viewer-token', role: 'viewer', outcome: 'refused' }]);
  },
);

test('no example is left over', () => {
  expect(Object.keys(examples).toSorted()).toEqual(declared.map(nameOf).toSorted());
});

test('the OpenAPI document is whole: every reference leads somewhere, every operation has a name of its own', async () => {
  api.token = TOKENS.viewer;
  const { body } = await api.get<{
    components: { schemas: object };
    paths: Record<string, Record<string, { operationId: string }>>;
  }>('/api/v1/openapi.json');
  const text = JSON.stringify(body);
  expect(text).not.toContain('$defs');
  expect(JSON.stringify(body.components.schemas)).not.toContain('"additionalProperties":false');
  expect(JSON.stringify(body.paths['/api/v1/silences/preview'])).toContain('"additionalProperties":false');
  const wanted = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, schema]) => schema);
  expect(wanted.length).toBeGreaterThan(5);
  for (const schema of wanted) expect(Object.keys(body.components.schemas)).toContain(schema);
  const ids = Object.values(body.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
  expect(new Set(ids).size).toBe(ids.length);
});
