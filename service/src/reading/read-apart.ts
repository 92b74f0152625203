import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ConfigError, type ConfigSource, type RuleGroup, type TocsinConfig } from '../config/index.ts';
import { deepFreeze } from '../config/deep-freeze.ts';
import type { ReadAnswer, ReadRequest } from './request.ts';

/** The largest configuration is read in a second or two; a folder on a server that is away would never be. */
const LIMIT_MS = 60_000;

/**
 * `loadConfig`, in a process of its own that ends with it. What reads a configuration (YAML, the schema and its library) would stay in this
 * process for good, 20 MiB of it, though it is needed for a moment at the start (docs/decisions/0016).
 * @throws ConfigError as `loadConfig`
 */
export function readConfigApart({ file, env, workingDir }: ConfigSource): Promise<TocsinConfig> {
  return readApart({ what: 'config', file, workingDir }, env) as Promise<TocsinConfig>;
}

/** `loadRuleGroups`, in a process of its own. @throws ConfigError as `loadRuleGroups` */
export function readRuleGroupsApart(path: string, shown: string): Promise<readonly RuleGroup[]> {
  return readApart({ what: 'rule-groups', path, shown }) as Promise<readonly RuleGroup[]>;
}

/** @param env by default this process's own */
async function readApart(request: ReadRequest, env?: Readonly<NodeJS.ProcessEnv>): Promise<unknown> {
  // Without this process's own options: what is compiled counts for the options it was compiled under.
  const child = fork(join(import.meta.dirname, 'main.ts'), {
    ...(env ? { env } : {}),
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  try {
    child.send(request, () => undefined);
    const answer = await Promise.race([once(child, 'message'), ended(child)]);
    return unpack(answer[0] as ReadAnswer);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects when the process ends, which it does without an answer only for a mistake of ours, or when it is killed. */
async function ended(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  const how = signal ?? `exit code ${code ?? 'unknown'}`;
  throw new Error(`the process that reads the configuration ended without an answer (${how})`);
}

function unpack(answer: ReadAnswer): unknown {
  if (answer.status === 'invalid') throw new ConfigError(answer.problems, answer.watched);
  return deepFreeze(answer.value);
}
