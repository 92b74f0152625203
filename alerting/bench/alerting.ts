import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureApi } from './api.ts';
import { PIPELINE_SCENARIOS } from './pipeline.ts';
import { measureRowToMessage } from './row-to-message.ts';
import { measureRules } from './rules.ts';
import { measureSlo } from './slo.ts';

/*
 * What alerting costs:
 *   pnpm bench:alerting [--scenario rules,single,latency,many,…] [--seconds 60] [--rules 1000] [--interval 30] [--cpu-prof DIR]
 *     [--messages 100] [--alerts 50000] [--silences 10000]
 * rules: rules in groups of 20, ClickHouse is a stand-in of its own process · single: the same, each rule in a group of its own ·
 * slo: what one SLO costs the embedded ClickHouse, with 30 days of a busy service (takes minutes to generate) ·
 * api: how long large answers hold the process up (api.ts) ·
 * latency: from a row in ClickHouse to the message at the receiver (row-to-message.ts) · many, silences, patterns, inhibit, storm, each: pipeline.ts
 */
const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'rules,single,latency,many,silences,storm' },
    messages: { type: 'string', default: '100' },
    alerts: { type: 'string', default: '50000' },
    silences: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    rules: { type: 'string', default: '1000' },
    interval: { type: 'string', default: '30' },
    'cpu-prof': { type: 'string' },
  },
});

const rules = (perGroup: number) => (): Promise<void> =>
  measureRules({
    rules: Number(values.rules),
    perGroup,
    intervalS: Number(values.interval),
    seconds: Number(values.seconds),
    profile: values['cpu-prof'],
  });
const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  rules: rules(20),
  single: rules(1),
  slo: measureSlo,
  api: () => measureApi({ alerts: Number(values.alerts), silences: Number(values.silences) }),
  latency: () => measureRowToMessage(['1s', '5s'], Number(values.messages)),
  ...Object.fromEntries(
    Object.entries(PIPELINE_SCENARIOS).map(([name, run]) => [
      name,
      () => run({ alerts: Number(values.alerts), silences: Number(values.silences) }),
    ]),
  ),
};

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
);
for (const name of values.scenario.split(',')) {
  const scenario = SCENARIOS[name];
  if (!scenario) throw new Error(`--scenario is some of ${Object.keys(SCENARIOS).join(', ')}, not ${name}`);
  console.log(name);
  await scenario();
}
