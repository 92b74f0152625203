import { parseGoDuration, writeConfirm, writeDuration } from '../durations.ts';
import type { Fields } from '../fields.ts';
import { type Imported, ImportError, type ImportedMonitor, type Setting, type Settings } from '../imported.ts';
import { makeToken } from '../heartbeat-token.ts';
import { readYaml } from '../read-yaml.ts';
import { type ConditionKind, translateCondition } from './conditions.ts';

/** Gatus's own: a minute between runs, ten seconds for one. */
const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;
/** Ours: registries limit what they are asked. */
const SHORTEST_DOMAIN_INTERVAL_MS = 3_600_000;
const FAILURE_THRESHOLD = 3;
const SUCCESS_THRESHOLD = 2;

const SECTIONS: Readonly<Record<string, string>> = {
  alerting: 'alerting: say in `alerting:` who is told and how (docs/configuration.md)',
  maintenance: 'maintenance: see `maintenance:` in docs/configuration.md',
  suites: 'suites: a flow monitor makes several requests in a row',
  remote: 'remote: instances of others are not shown',
};

/**
 * Reads a configuration of Gatus.
 * @throws ImportError where it has no endpoints
 */
export function importGatus(text: string, file: string): Imported {
  const root = readYaml(
    text.replace(/\$(?=[A-Za-z_])([A-Za-z_]\w*)/g, '$${$1}'),
    file,
    "Gatus's configuration, with `endpoints`",
  );
  if (!['endpoints', 'external-endpoints', 'suites'].some((key) => root.has(key))) {
    const found = root.keys().slice(0, 5).join(', ');
    throw new ImportError(
      `${file}: expected Gatus's configuration, with \`endpoints\`; found ${found || 'an empty mapping'}`,
    );
  }
  const monitors = [
    ...root.list('endpoints').map((endpoint, index) => importEndpoint(endpoint, `endpoints[${index}]`)),
    ...root
      .list('external-endpoints')
      .map((endpoint, index) => importExternal(endpoint, `external-endpoints[${index}]`)),
  ];
  const sections = root.keys().filter((key) => !['endpoints', 'external-endpoints'].includes(key));
  return { monitors, notes: sections.map((key) => SECTIONS[key] ?? key) };
}

/** What it can look at and we cannot. */
const UNKNOWN = new Set(['ssh', 'udp', 'sctp']);

function nameOf(endpoint: Fields, place: string): string {
  const [name, group] = [endpoint.text('name') ?? place, endpoint.text('group')];
  return group === undefined || group === '' ? name : `${group} / ${name}`;
}

/** What a job pushes to is a heartbeat with us. */
function importExternal(endpoint: Fields, place: string): ImportedMonitor {
  const name = nameOf(endpoint, place);
  const period = endpoint.at('heartbeat').text('interval');
  const periodMs = period === undefined ? undefined : parseGoDuration(period);
  const { token, note } = makeToken(endpoint.text('token') ?? '');
  const isEnabled = endpoint.flag('enabled') !== false;
  endpoint.ignore('alerts');
  const settings = { name, heartbeat: token, period: periodMs === undefined ? '1h' : writeDuration(periodMs) };
  return {
    settings,
    notes: [
      'jobs call another URL: /ping/TOKEN at `checker.heartbeat` (docs/configuration.md)',
      ...note,
      ...(periodMs === undefined ? ['it has no heartbeat interval there; an hour is a guess'] : []),
      ...endpoint.unread(),
    ],
    ...(isEnabled ? {} : { commentedBecause: 'it is not enabled there' }),
  };
}

function importEndpoint(endpoint: Fields, place: string): ImportedMonitor {
  const notes: string[] = [];
  const url = endpoint.text('url') ?? '';
  const name = nameOf(endpoint, place);
  const givenMs = parseGoDuration(endpoint.text('interval') ?? '') ?? INTERVAL_MS;
  const client = endpoint.at('client');
  const timeoutMs = parseGoDuration(client.text('timeout') ?? '') ?? TIMEOUT_MS;
  const { kind, target } = targetOf(url, endpoint, client);
  const intervalMs = kind === 'domain' ? Math.max(givenMs, SHORTEST_DOMAIN_INTERVAL_MS) : givenMs;
  if (intervalMs > givenMs)
    notes.push(`the interval ${writeDuration(givenMs)}: registries are asked once an hour at most`);
  const expect = expectOf(endpoint.texts('conditions'), kind, notes);
  const settings = {
    name,
    ...target,
    interval: writeDuration(intervalMs),
    timeout: writeDuration(timeoutMs),
    ...thresholds(endpoint, intervalMs, timeoutMs, notes),
    ...(expect.length === 0 ? {} : { expect: expect.length === 1 ? (expect[0] ?? {}) : expect }),
  };
  const isEnabled = endpoint.flag('enabled') !== false;
  endpoint.ignore('ui');
  const [, scheme = ''] = /^([a-z]+):\/\//.exec(url) ?? [];
  const isUnknown = target[scheme] !== undefined && UNKNOWN.has(scheme);
  const why = isUnknown ? `Tocsin does not take it (it has no kind for ${scheme})` : 'it is not enabled there';
  return {
    settings,
    notes: isUnknown ? [] : [...notes, ...endpoint.unread()],
    ...(isEnabled && !isUnknown ? {} : { commentedBecause: why }),
  };
}

/** How many failures make an alert there makes a monitor down here. */
function thresholds(endpoint: Fields, intervalMs: number, timeoutMs: number, notes: string[]): Settings {
  const [alert, ...more] = endpoint.list('alerts');
  if (!alert) return {};
  const failures = alert.number('failure-threshold') ?? FAILURE_THRESHOLD;
  const recover = alert.number('success-threshold') ?? SUCCESS_THRESHOLD;
  const types = [alert, ...more].map((each) => each.text('type') ?? '?').join(', ');
  for (const each of [alert, ...more]) each.ignore(...each.keys());
  notes.push(`alerts (${types}): routes in \`alerting:\` say who is told; the thresholds are those of the first`);
  return { confirm: writeConfirm(failures, intervalMs, timeoutMs), recover };
}

interface Target {
  readonly kind: ConditionKind;
  readonly target: Settings;
}

function targetOf(url: string, endpoint: Fields, client: Fields): Target {
  const dns = endpoint.at('dns');
  if (dns.has('query-name')) {
    const target = { dns: dns.text('query-name') ?? '', type: dns.text('query-type') ?? 'A', server: url };
    return { kind: 'dns', target };
  }
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(url) ?? [];
  const host = rest.replace(/\/.*$/s, '');
  const settings = tlsOf(client);
  const tls = Object.values(settings).some((value) => value !== undefined) ? settings : undefined;
  switch (scheme) {
    case 'http':
    case 'https':
      return { kind: 'http', target: httpOf(url, endpoint, client) };
    case 'tcp':
      return { kind: 'other', target: { tcp: host } };
    case 'tls':
      return { kind: 'tls', target: { tls: host, ...tls } };
    case 'starttls':
      return { kind: 'tls', target: { tls: host, starttls: 'smtp', ...tls } };
    case 'icmp':
      return { kind: 'other', target: { icmp: host, count: 1 } };
    case 'ws':
    case 'wss':
      return { kind: 'websocket', target: { websocket: url, send: endpoint.text('body') || undefined, tls } };
    case 'grpc':
    case 'grpcs':
      return { kind: 'grpc', target: { grpc: host, ...(scheme === 'grpcs' ? { tls: tls ?? true } : {}) } };
    case 'domain':
      return { kind: 'domain', target: { domain: host } };
    default:
      // Our schema says which targets there are.
      return { kind: 'other', target: { [scheme || 'url']: rest || url } };
  }
}

function tlsOf(client: Fields): Settings {
  const tls = client.at('tls');
  return {
    insecure: client.flag('insecure') === true ? true : undefined,
    cert_file: tls.text('certificate-file'),
    key_file: tls.text('private-key-file'),
  };
}

function httpOf(url: string, endpoint: Fields, client: Fields): Settings {
  const method = endpoint.text('method');
  const body = endpoint.text('body');
  const isGraphql = endpoint.flag('graphql') === true;
  const headers = endpoint.map('headers');
  const oauth2 = client.at('oauth2');
  return {
    http: url,
    method: isGraphql ? undefined : method,
    headers,
    ...(body === undefined ? {} : isGraphql ? { graphql: { query: body } } : { body }),
    redirects: client.flag('ignore-redirect') === true ? 'stop' : undefined,
    proxy: client.text('proxy-url'),
    tls: tlsOf(client),
    ...(oauth2.has('token-url')
      ? {
          oauth2: {
            token_url: oauth2.text('token-url'),
            client_id: oauth2.text('client-id'),
            client_secret: oauth2.text('client-secret'),
            scopes: oauth2.texts('scopes'),
          },
        }
      : {}),
  };
}

function expectOf(conditions: readonly string[], kind: ConditionKind, notes: string[]): readonly Settings[] {
  const expected: Settings[] = [];
  for (const text of conditions) {
    const condition = translateCondition(text, kind);
    if (condition.status === 'expected') expected.push(condition.expect);
    if (condition.status === 'unknown') notes.push(condition.note);
  }
  // Without a condition about it any status is good there; with us it would have to be 2xx.
  const hasStatus = expected.some((expect) => expect['status'] !== undefined);
  if (kind === 'http' && !hasStatus) expected.unshift({ status: '100-599' });
  return merge(expected);
}

/** One entry, as long as no setting is there twice. */
function merge(entries: readonly Settings[]): readonly Settings[] {
  const merged: Record<string, Setting | undefined>[] = [];
  for (const entry of entries) {
    const [key = ''] = Object.keys(entry);
    const free = merged.find((other) => !(key in other));
    if (free) Object.assign(free, entry);
    else merged.push({ ...entry });
  }
  return merged;
}
