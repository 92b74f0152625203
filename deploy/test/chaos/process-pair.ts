import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

const MAINS = {
  collector: join(import.meta.dirname, '../../../collector/src/main.ts'),
  checker: join(import.meta.dirname, '../../../checker/src/main.ts'),
} as const;

/** A server of a test on loopback. Stopped by `await using`. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
}

/** Serves HTTP: tells of each request and answers `ok`. */
export function serveOk(onRequest: (request: IncomingMessage) => void): Promise<TestServer> {
  const server = createHttp((request, response) => {
    onRequest(request);
    response.end('ok');
  });
  return listen(server, () => server.closeAllConnections());
}

async function listen(server: Server, cutOff: () => void): Promise<TestServer> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close');
      cutOff();
      await closed;
    },
  };
}

/** A service in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly listening: Readonly<Record<string, string>>;
  /** Sends the signal and waits for the end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts a real service and waits until it is ready. */
export async function startService(
  name: keyof typeof MAINS,
  { file, dataDir, addresses = [] }: { readonly file: string; readonly dataDir: string; readonly addresses?: string[] },
): Promise<ServiceProcess> {
  const flags = addresses.flatMap((address) => ['--listen', address]);
  const child = fork(MAINS[name], ['--config', file, '--data', dataDir, ...flags], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [{ readonly listening: Record<string, string> }];
  return {
    child,
    listening: ready.listening,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

/** Stands between checker and collector: passes everything on, or keeps back what the collector answers. */
export interface Wire extends TestServer {
  /** Where the collector listens now. */
  targetPort: number;
  /** Is called with the first bytes of an answer, which then goes nowhere; both sides are cut off. */
  onAnswer: (() => void) | undefined;
}

export async function serveWire(): Promise<Wire> {
  const wire: Pick<Wire, 'targetPort' | 'onAnswer'> = { targetPort: 0, onAnswer: undefined };
  const open = new Set<Socket>();
  const server = createTcp((client) => {
    const collector = connect(wire.targetPort, '127.0.0.1');
    open.add(client.on('close', () => open.delete(client)));
    const cutOff = (): void => {
      client.destroy();
      collector.destroy();
    };
    joinSockets(client, collector, cutOff, () => wire.onAnswer);
  });
  return Object.assign(wire, await listen(server, () => open.forEach((socket) => socket.destroy())));
}

function joinSockets(client: Socket, collector: Socket, cutOff: () => void, listener: () => Wire['onAnswer']): void {
  client.pipe(collector);
  collector.on('data', (bytes) => {
    const onAnswer = listener();
    if (!onAnswer) return void client.write(bytes);
    onAnswer();
    return cutOff();
  });
  for (const socket of [client, collector]) socket.on('error', cutOff).on('close', cutOff);
}
