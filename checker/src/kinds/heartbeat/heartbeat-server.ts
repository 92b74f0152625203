import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Address, addressUrl } from '@tocsin/service/config';
import { foreignPageReason } from '@tocsin/service/http';
import type { Clock } from '../../clock.ts';
import type { HeartbeatMonitor, Ping } from './heartbeat-state.ts';
import { parsePingPath, PingLimit, type PingPath, TokenTable } from './ping-request.ts';

export interface HeartbeatServerOptions {
  readonly address: Address;
  /** Names under which others reach it; a request for any other `Host` is refused where it listens on loopback or names are given. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  /** Has written the call down when it returns true; false where the disk takes nothing. */
  readonly onPing: (monitor: HeartbeatMonitor, ping: Ping) => boolean;
  readonly onRefused: (reason: HeartbeatRefusal) => void;
}

/** Why a call is not taken. */
export type HeartbeatRefusal = 'unknown_token' | 'rate_limited' | 'foreign_host' | 'bad_request' | 'not_kept';

/** This much of the end of a job's output is kept. */
const KEPT_BYTES = 4_096;
/** A body longer than this is cut off. */
const MAX_BODY_BYTES = 8 * 2 ** 20;
/** Calls a minute of one job, and wrong tokens a minute from one address. */
const PER_MINUTE = 60;

/** Where jobs call: `GET`, `HEAD` or `POST /ping/TOKEN[/start|/fail|/log|/EXIT-CODE]`. */
export class HeartbeatServer {
  readonly #options: HeartbeatServerOptions;
  readonly #server: Server;
  readonly #ofJob = new PingLimit(PER_MINUTE);
  readonly #ofStranger = new PingLimit(PER_MINUTE);
  #tokens = new TokenTable([]);

  constructor(options: HeartbeatServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) =>
      this.#take(request, response),
    );
    this.#server.maxConnections = 500;
  }

  apply(monitors: readonly HeartbeatMonitor[]): void {
    this.#tokens = new TokenTable(monitors);
  }

  /** Starts to listen unless it does. @returns the URL with the real port; rejects with the system's error */
  async listen(): Promise<string> {
    const { host, port } = this.#options.address;
    if (!this.#server.listening) {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(port, host, () => {
          this.#server.off('error', reject);
          resolve();
        });
      });
    }
    return addressUrl({ host, port: (this.#server.address() as AddressInfo).port });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(cut);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { clock, onRefused } = this.#options;
    const refuse = (statusCode: number, reason: HeartbeatRefusal, sentence: string): void => {
      onRefused(reason);
      response.writeHead(statusCode, {
        'content-type': 'text/plain',
        connection: 'close',
        ...(statusCode === 429 ? { 'retry-after': '60' } : {}),
      });
      response.end(`${sentence}\n`);
      request.resume();
    };
    if (this.#isForeign(request)) return refuse(403, 'foreign_host', 'This name is not one of this server.');
    const path = parsePingPath(request.url ?? '');
    const isRead = request.method === 'GET' || request.method === 'HEAD' || request.method === 'POST';
    if (!path || !isRead) return refuse(path ? 405 : 404, 'bad_request', 'Expected GET, HEAD or POST /ping/TOKEN.');
    const nowUnixMs = clock.wallMs();
    const monitor = this.#tokens.find(path.token);
    if (!monitor) {
      const tooMany = this.#ofStranger.isTooMany(request.socket.remoteAddress ?? '', nowUnixMs);
      return tooMany ? refuse(429, 'rate_limited', 'Too many.') : refuse(404, 'unknown_token', 'No such token.');
    }
    if (this.#ofJob.isTooMany(monitor.name, nowUnixMs))
      return refuse(429, 'rate_limited', 'Too many calls; at most 60 a minute.');
    readTail(request, (output) => {
      if (!this.#options.onPing(monitor, readPing(path, output)))
        return refuse(503, 'not_kept', 'This call could not be written down. Call again.');
      response.writeHead(200, { 'content-type': 'text/plain' }).end('OK\n');
      return undefined;
    });
  }

  /** No page calls here, not even one of our own: an `Origin` is foreign whatever it says. */
  #isForeign({ headers }: IncomingMessage): boolean {
    const { hosts, address } = this.#options;
    const { host = '', origin } = headers;
    const name = host.replace(/:\d+$/, '').toLowerCase();
    if (origin !== undefined) return true;
    const isKnown = hosts.some((known) => known.toLowerCase() === name);
    // With names given, every other is foreign, as on loopback; a known one need not be judged.
    const listenHost = hosts.length > 0 ? '127.0.0.1' : address.host;
    const judged = isKnown ? { ...headers, host: '' } : headers;
    return foreignPageReason({ headers: judged }, { listenHost }) !== undefined;
  }
}

function readPing({ action, exitCode }: PingPath, output: string): Ping {
  if (action === 'start') return { type: 'start' };
  if (action === 'log') return { type: 'log', output };
  return { type: 'end', isSuccess: action === 'success', exitCode, output };
}

/** Reads a body to its end and keeps its last bytes. A call that breaks off does not count. */
function readTail(request: IncomingMessage, onTail: (text: string) => void): void {
  let tail: Buffer = Buffer.alloc(0);
  let readBytes = 0;
  request.on('data', (chunk: Buffer) => {
    readBytes += chunk.length;
    if (readBytes > MAX_BODY_BYTES) request.destroy();
    tail = Buffer.concat([tail, chunk]).subarray(-KEPT_BYTES);
  });
  request.on('error', () => {});
  request.on('end', () => onTail((readBytes > KEPT_BYTES ? '…' : '') + tail.toString('utf8')));
}
