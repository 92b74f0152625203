import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../alerting/src/main.ts', import.meta.url));

/** Alerting itself, as a process of its own. */
export interface AlertingProcess {
  readonly port: number;
  /** Asks its API. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts alerting over a ClickHouse, with rules of its own; `yaml` is the rest of its configuration. */
export async function startAlerting(clickhouseUrl: string, yaml: string, rules: string): Promise<AlertingProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-alerting-'));
  const file = join(folder, 'tocsin.yaml');
  await writeFile(
    file,
    `clickhouse: { url: '${clickhouseUrl}' }\ncollector: { http: '127.0.0.1:1' }
shipped_rules: false
rule_files: [rules.yaml]
${yaml}`,
  );
  await writeFile(join(folder, 'rules.yaml'), rules);
  const args = ['--config', file, '--data', folder, '--listen', 'alerting.http=127.0.0.1:0'];
  const child = fork(MAIN, args, { stdio: 'ignore' });
  const url = await untilReady(child);
  return {
    port: Number(new URL(url).port),
    ask: async (method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      const text = await response.text();
      return text === '' ? undefined : JSON.parse(text);
    },
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}

async function untilReady(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('alerting ended before it was ready');
  });
  for (;;) {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [
      { type?: string; listening?: Record<string, string> },
    ];
    if (message.type === 'ready') return message.listening?.['alerting.http'] ?? '';
  }
}
