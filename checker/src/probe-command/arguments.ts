import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface ProbeArguments {
  /** What to look at, as a URL or `scheme:rest`; absent with `--monitor`. */
  readonly target: string | undefined;
  readonly configFile: string | undefined;
  readonly monitor: string | undefined;
  readonly isJson: boolean;
  /** The monitor as YAML (a flow mapping), where it is not one of the configuration. */
  readonly yaml: string;
}

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'TOCSIN_PROBE_USAGE';
}

export const USAGE = `Usage: npx tocsin probe TARGET [--expect ENTRY]… [--method METHOD] [--header 'Name: value']… [--body TEXT]
                        [--timeout 5s] [--set SETTING=VALUE]… [--json]
       npx tocsin probe --config FILE --monitor NAME [--json]

TARGET   https://example.com/health, or SCHEME:WHAT for another kind: tcp://host:port, tls://host:port,
         dns:example.com?type=MX, wss://example.com/socket, ping:example.com,
         domain:example.com (what follows the ? are settings of the monitor).
ENTRY    as in the configuration: status=2xx, body_contains=ok, latency=300ms, certificate_days=14, or in full:
         '{ json: { path: $.status, equals: ok }, severity: degraded }'
SETTING  any of a monitor, as tls.insecure=true, proxy=http://localhost:3128, version=2, ip=6;
         a list in YAML: 'dialogue=[{ expect: "^220 " }]'

Exit code: 0 up or degraded, 1 down, 3 unknown, 2 a mistake in what was asked.
`;

/** Schemes whose whole URL is the target, with the kind they are of. Any other scheme is the name of a kind. */
const URL_KINDS: Readonly<Record<string, string>> = {
  http: 'http',
  https: 'http',
  ws: 'websocket',
  wss: 'websocket',
};
const ALIASES: Readonly<Record<string, string>> = { ping: 'icmp' };

/** @throws UsageError where the command line cannot be understood */
export function readArguments(args: readonly string[]): ProbeArguments {
  const { values, positionals } = parse(args);
  const [target, ...more] = positionals;
  const isNamed = values.monitor !== undefined;
  if (more.length > 0) throw new UsageError(`expected one target, found ${positionals.length}`);
  if (isNamed === (target !== undefined)) {
    throw new UsageError(isNamed ? 'expected a target or --monitor, found both' : 'expected a target, found none');
  }
  if (isNamed && values.config === undefined) throw new UsageError('expected --config FILE beside --monitor');
  const own = values.expect ?? values.method ?? values.header ?? values.body ?? values.timeout ?? values.set;
  if (isNamed && own !== undefined) throw new UsageError('expected no settings beside --monitor: it has its own');
  return {
    target,
    configFile: values.config,
    monitor: values.monitor,
    isJson: values.json ?? false,
    yaml: target === undefined ? '' : writeMonitor(target, values),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const list = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        expect: list,
        header: list,
        set: list,
        method: text,
        body: text,
        timeout: text,
        config: text,
        monitor: text,
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

type Values = ReturnType<typeof parse>['values'];

/** The monitor as a YAML flow mapping: JSON, but for expectations that are written as YAML already. */
function writeMonitor(target: string, values: Values): string {
  const settings = new Map<string, unknown>(Object.entries(readTarget(target)));
  if (values.method !== undefined) settings.set('method', values.method);
  if (values.body !== undefined) settings.set('body', values.body);
  if (values.timeout !== undefined) settings.set('timeout', values.timeout);
  const headers = Object.fromEntries((values.header ?? []).map(readHeader));
  if (values.header) settings.set('headers', headers);
  for (const entry of values.set ?? []) {
    const [name, value] = split(entry, '=', '--set');
    setAt(settings, name.split('.'), value);
  }
  const entries = [...settings].map(([name, value]) => `${JSON.stringify(name)}: ${writeValue(name, value)}`);
  if (values.expect)
    entries.push(`expect: [${values.expect.map((entry) => escape(writeExpectation(entry))).join(', ')}]`);
  return `{ "name": "probe", ${entries.join(', ')} }`;
}

/** Settings that are lists, and can be given as one in YAML. */
const LISTS: ReadonlySet<string> = new Set(['dialogue', 'multipart', 'flow', 'alpn', 'subprotocols', 'send']);

function writeValue(name: string, value: unknown): string {
  const isList = LISTS.has(name) && typeof value === 'string' && /^\s*\[.*\]\s*$/s.test(value);
  return escape(isList ? value : JSON.stringify(value));
}

function readTarget(target: string): Record<string, string> {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(target) ?? [];
  if (scheme === undefined || /^\d+(?:\/|$)/.test(rest)) {
    throw new UsageError(`expected a URL such as https://${target}, found ${JSON.stringify(target)}`);
  }
  const name = scheme.toLowerCase();
  const urlKind = URL_KINDS[name];
  if (urlKind !== undefined) return { [urlKind]: target };
  const [what = '', query = ''] = rest.replace(/^\/\//, '').split('?', 2);
  return { [ALIASES[name] ?? name]: what.replace(/\/$/, ''), ...Object.fromEntries(new URLSearchParams(query)) };
}

function readHeader(header: string): readonly [string, string] {
  const [name, value] = split(header, ':', '--header');
  return [name, value.trim()];
}

/** `status=2xx` is short for `{ status: 2xx }`. */
function writeExpectation(entry: string): string {
  const short = /^([a-z_]+)=(.*)$/s.exec(entry);
  if (short) return `{ ${short[1]}: ${JSON.stringify(short[2])} }`;
  return /^\s*\{/.test(entry) ? entry : `{ ${entry} }`;
}

function split(text: string, separator: string, option: string): readonly [string, string] {
  const at = text.indexOf(separator);
  if (at < 1) throw new UsageError(`expected ${option} NAME${separator}VALUE, found ${JSON.stringify(text)}`);
  return [text.slice(0, at).trim(), text.slice(at + 1)];
}

function setAt(settings: Map<string, unknown>, [first = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) settings.set(first, value);
  else settings.set(first, { ...(settings.get(first) as object | undefined), [rest.join('.')]: value });
}

/** What the shell has handed over is meant as it is: no references to the environment in it. */
function escape(json: string): string {
  return json.replaceAll('$', '$$$$');
}
