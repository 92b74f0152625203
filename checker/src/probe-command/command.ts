import { ConfigError, loadConfig, type Monitor, type TocsinConfig } from '@tocsin/service/config';
import { parseMonitors } from '@tocsin/service/monitor-text';
import { kindOf } from '../kinds/registry.ts';
import { createSystemNetwork, probeOnce } from '../probe.ts';
import type { Outcome } from '../verdict.ts';
import { type ProbeArguments, readArguments, USAGE, UsageError } from './arguments.ts';
import { drawRun } from './draw.ts';

/** What the command needs of its process. */
export interface CommandHost {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  readonly isColored: boolean;
  readonly signal: AbortSignal;
  readonly out: (text: string) => void;
  readonly complain: (text: string) => void;
}

const EXIT_OF: Readonly<Record<Outcome, number>> = { up: 0, degraded: 0, down: 1, unknown: 3 };
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

/** `probe`: looks at one target once and shows what came of it. Nothing is sent anywhere else. @returns the exit code */
export async function runProbeCommand(host: CommandHost): Promise<number> {
  try {
    const asked = readArguments(host.args);
    const { monitor, config } = await findMonitor(asked, host);
    const network = createSystemNetwork(config?.checker);
    const run = await probeOnce(monitor, { signal: host.signal, network });
    if (!run) return EXIT_INTERRUPTED;
    const target = kindOf(monitor).describeTarget(monitor);
    const { isColored } = host;
    host.out(
      asked.isJson
        ? `${JSON.stringify({ target, ...run })}\n`
        : drawRun(run, target, { isColored, nowUnixMs: Date.now() }),
    );
    return EXIT_OF[run.verdict.outcome];
  } catch (error) {
    if (error instanceof UsageError) host.complain(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) host.complain(`${error.message}\n`);
    else throw error;
    return EXIT_USAGE;
  }
}

async function findMonitor(
  { yaml, configFile, monitor: name }: ProbeArguments,
  { env, workingDir }: CommandHost,
): Promise<{ readonly monitor: Monitor; readonly config: TocsinConfig | undefined }> {
  const config = configFile === undefined ? undefined : await loadConfig({ file: configFile, env, workingDir });
  if (name === undefined) {
    const text = `monitors: [${yaml}]`;
    const [monitor] = parseMonitors({ text, shown: 'command line', env, folder: workingDir });
    if (!monitor) throw new UsageError('expected a target, found none');
    return { monitor, config };
  }
  const monitor = config?.monitors.find((each) => each.name === name);
  if (monitor) return { monitor, config };
  const names = (config?.monitors ?? []).map((each) => each.name).slice(0, 10);
  const known = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  throw new UsageError(`expected the name of a monitor (${known}), found ${JSON.stringify(name)}`);
}
