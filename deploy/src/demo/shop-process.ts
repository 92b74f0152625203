import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostProcess } from './tocsin-process.ts';

const SHOP = join(import.meta.dirname, '../../examples/shop/src');
const STOP_LIMIT_MS = 3_000;

/** The example shop, running in a process of its own as any user's application would. */
export interface ShopProcess {
  readonly url: string;
  /** From now on `/health` answers 503 and checkouts fail. */
  breakDown(): Promise<void>;
  repair(): Promise<void>;
  /** One customer: looks at the catalogue and buys something. */
  visit(product: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where the shop exports to, and the process it is started from. */
export interface ShopProcessOptions {
  readonly collectorUrl: string;
  readonly host: HostProcess;
}

/** Starts the shop with the standard OpenTelemetry variables, exporting often enough to watch. */
export async function startShop({ collectorUrl, host }: ShopProcessOptions): Promise<ShopProcess> {
  const child = spawn(host.execPath, ['--import', join(SHOP, 'telemetry.ts'), join(SHOP, 'main.ts')], {
    env: {
      ...host.env,
      PORT: '0',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
      OTEL_BSP_SCHEDULE_DELAY: '500',
      OTEL_BLRP_SCHEDULE_DELAY: '500',
      OTEL_METRIC_EXPORT_INTERVAL: '2000',
      OTEL_METRIC_EXPORT_TIMEOUT: '2000',
    },
    detached: true,
    // The channel ends with this process, however it ends: then the shop closes too.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await urlOf(child);
  const post = async (path: string, body?: unknown): Promise<void> => {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    await (await fetch(url + path, { method: 'POST', ...init })).arrayBuffer();
  };
  return {
    url,
    breakDown: () => post('/admin/break'),
    repair: () => post('/admin/repair'),
    async visit(product) {
      await (await fetch(`${url}/products`)).arrayBuffer();
      await post('/checkout', { product, quantity: 1 });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await once(child, 'exit');
      clearTimeout(timer);
    },
  };
}

async function urlOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The shop was started without an output to read its address from.');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /open on (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error('The shop ended before it was open.');
}
