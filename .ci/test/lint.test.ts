import { RuleTester } from 'oxlint/plugins-dev';
import { describe, it } from 'vitest';
import plugin from '../lint/plugin.ts';

RuleTester.describe = (name, body) => void describe(name, () => void body());
RuleTester.it = (name, body) => void it(name, () => void body());

const tester = new RuleTester({
  cwd: '/repo',
  languageOptions: { sourceType: 'module', parserOptions: { lang: 'ts' } },
});

/** Samples of one rule: `[file, code]`; the bad ones with a part of the message they must draw. */
function samples(
  name: keyof typeof plugin.rules,
  good: readonly (readonly [file: string, code: string])[],
  bad: readonly (readonly [file: string, code: string, message: RegExp])[],
): void {
  tester.run(name, plugin.rules[name], {
    valid: good.map(([file, code]) => ({
      name: `accepts ${file}: ${code.slice(0, 70)}`,
      filename: `/repo/${file}`,
      code,
    })),
    invalid: bad.map(([file, code, message]) => ({
      name: `refuses ${file}: ${code.slice(0, 70)}`,
      filename: `/repo/${file}`,
      code,
      errors: [{ message: new RegExp(`${message.source}.*\\(CONTRIBUTING\\.md, "`, 's') }],
    })),
  });
}

samples(
  'boundaries',
  [
    ['checker/src/app.ts', "import { loadConfig } from '@tocsin/service/config';"],
    ['checker/src/app.ts', "import { a } from './probe/run.ts'; import fastify from 'fastify';"],
    ['alerting/test/a.integration.test.ts', "import { startTestClickHouse } from '@tocsin/deploy/testing';"],
    ['alerting/test/rules/a.test.ts', "import { migrate } from '../../../collector/src/schema/migrate.ts';"],
    ['collector/test/a.test.ts', "import { scan } from '../src/otlp/scan.ts';"],
  ],
  [
    [
      'checker/src/app.ts',
      "import { scan } from '../../collector/src/otlp/scan.ts';",
      /checker does not import collector/,
    ],
    ['deploy/src/standalone/a.ts', "import { createCollector } from '@tocsin/collector/app';", /meet on the wire/],
    ['service/src/run/a.ts', "import { createAlerting } from '@tocsin/alerting';", /service imports none/],
    ['alerting/src/a.ts', "import type { Config } from '../../service/src/config/index.ts';", /by its name/],
    ['alerting/src/a.ts', "import { startTestClickHouse } from '@tocsin/deploy/testing';", /meet on the wire/],
    ['alerting/src/a.ts', "import { seed } from '../test/seed.ts';", /Source does not import/],
    ['alerting/src/a.ts', "export { scan } from '../../collector/src/otlp/scan.ts';", /alerting does not import/],
    ['alerting/src/a.ts', "const a = await import('@tocsin/checker');", /alerting does not import/],
    ['alerting/src/a.ts', "type A = import('@tocsin/checker').A;", /alerting does not import/],
    ['deploy/examples/shop/src/a.ts', "import { x } from '@tocsin/service/log';", /an application of its own/],
    ['.ci/lint/a.ts', "import { x } from '../../service/src/log/logger.ts';", /outside the packages/],
  ],
);

samples(
  'process-in-main',
  [
    ['checker/src/main.ts', 'const home = process.env.HOME;'],
    ['deploy/bin/tocsin.mjs', 'process.exitCode = 1;'],
    ['checker/test/a.test.ts', 'const path = process.execPath;'],
    ['service/src/run/a.ts', 'export function run(process: NodeJS.Process) { return process.env; }'],
    ['service/src/run/a.ts', 'export const kind = { process: 1 }.process;'],
  ],
  [
    ['checker/src/app.ts', 'export const home = () => process.env.HOME;', /belongs to main/],
    ['checker/src/app.ts', "import { env } from 'node:process';", /belongs to main/],
    ['checker/src/app.ts', 'export const id = () => globalThis.process.pid;', /belongs to main/],
  ],
);

samples(
  'no-import-effects',
  [
    ['checker/src/main.ts', "await runService(process, { name: 'checker' });"],
    ['checker/src/app.ts', 'const PHASES = new Set([1]); export function start() { PHASES.clear(); }'],
  ],
  [['checker/src/app.ts', 'setInterval(() => {}, 1000);', /has no effect/]],
);

const lines = (count: number): string => Array.from({ length: count }, (_, at) => `const a${at} = ${at};`).join('\n');

samples(
  'file-size',
  [
    ['checker/src/app.ts', lines(400)],
    ['collector/src/otlp/field-table.ts', lines(900)],
  ],
  [['checker/src/app.ts', lines(401), /401 lines/]],
);

samples(
  'function-size',
  [
    ['checker/src/app.ts', `function small() {\n${lines(78)}\n}`],
    ['checker/test/app.test.ts', `function long() {\n${lines(200)}\n}`],
  ],
  [
    ['checker/src/app.ts', `function long() {\n${lines(79)}\n}`, /81 lines/],
    ['checker/src/app.ts', `const long = () => {\n${lines(79)}\n};`, /81 lines/],
  ],
);

samples(
  'file-name',
  [
    ['checker/src/probe/tls-phase.ts', ''],
    ['checker/test/probe/tls-phase.integration.test.ts', ''],
    ['vitest.config.ts', ''],
    ['dashboards/web/src/parts/time-chart.tsx', ''],
  ],
  [
    ['checker/src/tlsPhase.ts', '', /kebab-case/],
    ['checker/src/utils.ts', '', /says nothing/],
    ['checker/src/helpers/retry.ts', '', /says nothing/],
    ['checker/src/shared.ts', '', /says nothing/],
    ['checker/src/probe.test.ts', '', /test folder/],
  ],
);

samples(
  'named-exports',
  [
    ['checker/src/a.ts', "export const a = 1; export { b } from './b.ts';"],
    ['vitest.config.ts', 'export default {};'],
  ],
  [
    ['checker/src/a.ts', "export * from './b.ts';", /No export \*/],
    ['checker/src/a.ts', 'export default function run() {}', /No default export/],
  ],
);

samples(
  'units-in-names',
  [['checker/src/a.ts', 'export interface A { timeoutMs: number; interval: Interval; latency: string }']],
  [
    ['checker/src/a.ts', 'export interface A { timeout: number }', /timeoutMs/],
    ['checker/src/a.ts', 'export function wait(delay: number) { return delay; }', /delayMs/],
    ['checker/src/a.ts', 'class A { retryInterval: number = 1; }', /retryIntervalMs/],
  ],
);

samples(
  'real-tests',
  [['checker/test/a.test.ts', "it('says so', () => {}); vi.useFakeTimers();"]],
  [
    ['checker/test/a.test.ts', "it.skip('later', () => {});", /a test runs/],
    ['checker/test/a.test.ts', "describe.only('this', () => {});", /a test runs/],
    ['checker/test/a.test.ts', "vi.mock('../src/app.ts');", /No module mocking/],
  ],
);

samples(
  'no-unfinished',
  [['checker/src/a.ts', '// Why this is so.\nexport const todo = 1;']],
  [['checker/src/a.ts', '// TODO: finish', /finish it/]],
);
