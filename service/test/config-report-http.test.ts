import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../src/config/index.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-config-http-'));
});
afterAll(() => rm(folder, { recursive: true }));

const monitor = (lines: string): string => `monitors:\n  - name: shop\n    http: http://localhost/\n${lines}`;

/** One sample for each way to be wrong: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'an unknown key of an expectation in a list',
    monitor('    expect:\n      - status: 2xx\n      - latncy: 1s'),
    'tocsin.yaml:6: monitors[0].expect[1].latncy (shop): expected a known key, found unknown key "latncy" (did you mean "latency"?)',
  ],
  [
    'a pattern that is not one',
    monitor('    expect: { body_matches: "(" }'),
    'tocsin.yaml:4: monitors[0].expect.body_matches (shop): expected a regular expression in RE2\'s syntax (missing closing ): `(`), found "("',
  ],
  [
    'a pattern with what RE2 leaves out',
    monitor('    expect: { header: { name: x, matches: "(?=a)" } }'),
    'tocsin.yaml:4: monitors[0].expect.header.matches (shop): expected a regular expression in RE2\'s syntax (invalid or unsupported Perl syntax: `(?=`), found "(?=a)"',
  ],
  [
    'a JSONPath that is none',
    monitor('    expect: { json: [{ path: "status" }] }'),
    'tocsin.yaml:4: monitors[0].expect.json[0].path (shop): expected a JSONPath such as $.status or $.items[0].name, found "status"',
  ],
  [
    'a JSONPath that could take for ever',
    monitor('    expect: { json: { path: "$..a..b" } }'),
    'tocsin.yaml:4: monitors[0].expect.json.path (shop): expected a JSONPath with at most one "..", found "$..a..b"',
  ],
  [
    'a JSONPath whose filter asks the whole document for each value',
    monitor('    expect: { json: { path: "$[?count($[?@.v==1])==99]" } }'),
    'tocsin.yaml:4: monitors[0].expect.json.path (shop): expected a JSONPath with "$" at its beginning only (in a filter "@" is the value that is looked at), found "$[?count($[?@.v==1])==99]"',
  ],
  [
    'a severity that is neither',
    monitor('    expect: { severity: warning }'),
    'tocsin.yaml:4: monitors[0].expect.severity (shop): expected one of "down", "degraded", found "warning"',
  ],
  [
    'a limit of a phase that there is not',
    monitor('    expect: { latency: { dns: 1s, total: 1s } }'),
    'tocsin.yaml:4: monitors[0].expect.latency.dns (shop): expected a known key, found unknown key "dns"',
  ],
  [
    'two bodies',
    monitor('    body: x\n    form: { a: b }'),
    'tocsin.yaml:5: monitors[0].form (shop): expected one of body, body_file, form, multipart, graphql (body is there as well), found a mapping',
  ],
  [
    'two ways to prove who asks',
    monitor('    bearer: abcdef\n    basic: { username: a, password: b }'),
    'tocsin.yaml:4: monitors[0].bearer (shop): expected one of basic, bearer, oauth2 (basic is there as well), found (hidden)',
  ],
  [
    'a GET with a body',
    monitor('    method: GET\n    body: x'),
    'tocsin.yaml:4: monitors[0].method (shop): expected a method that sends a body (there is body), found "GET"',
  ],
  [
    'a part that has neither text nor file',
    monitor('    multipart: [{ name: a }]'),
    'tocsin.yaml:4: monitors[0].multipart[0] (shop): expected either value or file, found a mapping',
  ],
  [
    'variables of GraphQL that are not JSON',
    monitor('    graphql: { query: "{ x }", variables: id=1 }'),
    'tocsin.yaml:4: monitors[0].graphql.variables (shop): expected a JSON object such as {"id": 1}, found "id=1"',
  ],
  [
    'a certificate without its key',
    monitor('    tls: { cert_file: tocsin.yaml }'),
    'tocsin.yaml:4: monitors[0].tls.cert_file (shop): expected key_file beside cert_file, found "tocsin.yaml"',
  ],
  [
    'a file that does not exist',
    monitor('    tls: { ca_file: gone.pem }'),
    'tocsin.yaml:4: monitors[0].tls.ca_file (shop): expected a file that exists, found "gone.pem"',
  ],
  [
    'a body that is larger than anything we read',
    monitor('    max_body: 65MiB'),
    'tocsin.yaml:4: monitors[0].max_body (shop): expected a size of at most 64MiB, found "65MiB"',
  ],
  [
    'what to do with redirects that cannot be done',
    monitor('    redirects: ignore'),
    'tocsin.yaml:4: monitors[0].redirects (shop): expected one of "follow", "stop", "forbid", found "ignore"',
  ],
  [
    'a version of HTTP that is not spoken',
    monitor('    version: 3'),
    'tocsin.yaml:4: monitors[0].version (shop): expected one of "2", "auto", "1.1", found 3',
  ],
  [
    'a value of a flow that no step has given',
    'monitors:\n  - name: f\n    flow: [{ step: a, http: "http://x/{{ id }}" }]',
    'tocsin.yaml:3: monitors[0].flow[0] (f): expected {{ id }} to be extracted by an earlier step, found a mapping',
  ],
  [
    'two steps of one name',
    'monitors:\n  - name: f\n    flow: [{ step: a, http: "http://x/" }, { step: a, http: "http://x/" }]',
    'tocsin.yaml:3: monitors[0].flow[1].step (f): expected a name of its own, found "a"',
  ],
  [
    'a value that comes from nowhere',
    'monitors:\n  - name: f\n    flow: [{ step: a, http: "http://x/", extract: { id: {} } }]',
    'tocsin.yaml:3: monitors[0].flow[0].extract.id (f): expected one of json, matches, header, cookie, found a mapping',
  ],
  [
    'a step that is not of the web',
    'monitors:\n  - name: f\n    flow: [{ step: a, http: "ftp://x/" }]',
    'tocsin.yaml:3: monitors[0].flow[0].http (f): expected an http:// or https:// URL, with {{ name }} where a value belongs, found "ftp://x/"',
  ],
];

async function load(yaml: string) {
  await writeFile(join(folder, 'tocsin.yaml'), yaml);
  return loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
}

describe('the report of a bad HTTP monitor', () => {
  it.each(WRONG)('names %s: file, line, path, what was expected and what was found', async (_way, yaml, line) => {
    const error: unknown = await load(yaml).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ConfigError)) throw new Error('the configuration was taken', { cause: error });
    expect(error.message.split('\n')).toEqual([line]);
  });
});

describe('an HTTP monitor', () => {
  it('has expectations as one entry or as a list, with severities, and 2xx where no status is said', async () => {
    const [one] = (await load(monitor('    expect: { body_contains: ok }'))).monitors;
    expect(one).toMatchObject({
      expect: [
        { subject: 'status', ranges: [{ from: 200, to: 299 }] },
        { subject: 'body', tests: [{ operator: 'contains', value: 'ok', negated: false }], severity: 'down' },
      ],
    });
    const lines = [
      '    expect:',
      '      - status: [2xx, 404, 500-502]',
      '      - { latency: { request: 300ms }, certificate_days: 14, severity: degraded }',
      '      - json: { path: $.a, equals: 1, exists: true }',
    ];
    const [list] = (await load(monitor(lines.join('\n')))).monitors;
    expect(list).toMatchObject({
      expect: [
        {
          subject: 'status',
          severity: 'down',
          ranges: [
            { from: 200, to: 299 },
            { from: 404, to: 404 },
            { from: 500, to: 502 },
          ],
        },
        { subject: 'certificate_days', min: 14, severity: 'degraded' },
        { subject: 'latency', phase: 'request', maxMs: 300, severity: 'degraded' },
        {
          subject: 'json',
          path: '$.a',
          tests: [
            { operator: 'equals', value: '1' },
            { operator: 'exists', negated: false },
          ],
        },
      ],
    });
  });

  it('posts where it has a body and no method, and knows its files from the folder of tocsin.yaml', async () => {
    await writeFile(join(folder, 'body.json'), '{}');
    const [loaded] = (await load(monitor('    body_file: body.json'))).monitors;
    expect(loaded).toMatchObject({ http: { method: 'POST', body: { type: 'file', file: join(folder, 'body.json') } } });
  });
});
