import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

test('the schema for a cluster runs on one of a single shard: an insert through the Distributed tables, repeated with its token, is there once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-cluster-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const child = fork(join(import.meta.dirname, 'cluster-process.ts'), [folder], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const signal = AbortSignal.timeout(30_000);
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`it ended with ${String(code)} and no answer`);
  });
  const [answer] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown];
  ended.catch(() => undefined);
  expect(answer).toEqual({
    counts: {
      otel_traces: 1_000,
      otel_traces_local: 1_000,
      otel_traces_trace_id_ts: 1_000,
      otel_logs: 1_000,
      otel_metrics_sum: 1_000,
    },
    engines: 'Distributed',
    joined: 1_000,
    // Every shipped rule, where a plain IN is denied.
    isDenied: true,
    refused: [],
  });
});
