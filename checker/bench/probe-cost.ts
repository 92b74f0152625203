// What a probe costs: node checker/bench/probe-cost.ts [seconds]. Servers run in a process of their own, so that the CPU time is the probes' alone.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createSecureContext } from 'node:tls';
import { makeCertificate } from '../test/certificates.ts';
import { makeMonitor, makeNetwork } from '../test/monitors.ts';
import { serveHttp, serveHttp2, serveHttps } from '../test/servers.ts';
import { systemClock } from '../src/clock.ts';
import { runProbe } from '../src/run-probe.ts';
import { measureStalls } from '../src/stalls.ts';
import { silentLogger } from '@tocsin/service/log';

const CONCURRENCY = 20;

interface Served {
  readonly http: number;
  readonly https: number;
  readonly h2: number;
  readonly ca: string;
}

if (process.argv[2] === 'serve') await serve();
else await measure(Number(process.argv[2] ?? 3));

async function serve(): Promise<void> {
  const made = makeCertificate({ name: 'bench', hosts: ['shop.test'], authority: true });
  const answer = (_request: unknown, response: { end(text: string): unknown }): unknown => response.end('ok');
  const [http, https, h2] = [await serveHttp(answer), await serveHttps(made, answer), await serveHttp2(made, answer)];
  process.send?.({ http: http.port, https: https.port, h2: h2.port, ca: made.cert } satisfies Served);
}

async function measure(seconds: number): Promise<void> {
  const child = fork(import.meta.filename, ['serve']);
  const [served] = (await once(child, 'message')) as [Served];
  const secureContext = createSecureContext({ ca: served.ca });
  const network = { ...makeNetwork(), secureContext };
  const stalls = measureStalls(systemClock);
  const environment = { clock: systemClock, network, stalls, log: silentLogger() };
  const { signal } = new AbortController();
  const targets = {
    http: `http://127.0.0.1:${served.http}/`,
    https: `https://shop.test:${served.https}/`,
    h2: `https://shop.test:${served.h2}/`,
  };
  for (const [name, url] of Object.entries(targets)) {
    const monitor = makeMonitor(url);
    const look = async (untilMs: number): Promise<number> => {
      let runs = 0;
      for (; performance.now() < untilMs; runs += 1) {
        const run = await runProbe(environment, { monitor, latenessMs: 0, signal });
        if (run?.verdict.outcome !== 'up') throw new Error(run?.verdict.message);
      }
      return runs;
    };
    const together = (ms: number): Promise<number[]> => {
      const untilMs = performance.now() + ms;
      return Promise.all(Array.from({ length: CONCURRENCY }, () => look(untilMs)));
    };
    await together(1_000);
    const before = process.cpuUsage();
    const runs = (await together(seconds * 1_000)).reduce((sum, each) => sum + each, 0);
    const { user, system } = process.cpuUsage(before);
    const cpuS = (user + system) / 1e6;
    console.log(
      `${name}: ${runs} probes, ${cpuS.toFixed(2)} CPU-seconds, ${Math.round(runs / cpuS)} probes a CPU-second`,
    );
  }
  stalls.stop();
  child.kill();
}
