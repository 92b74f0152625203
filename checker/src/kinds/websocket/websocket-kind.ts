import type { Socket } from 'node:net';
import { describeUrl, formatDuration, type MonitorOf } from '@tocsin/service/config';
import { VERSION } from '@tocsin/service/version';
import type { WebSocket } from 'ws';
import { showText } from '../../expect/value-test.ts';
import { type Endpoint, showEndpoint } from '../../net/dial.ts';
import { judgeExchangeFailure, judgeTimeout } from '../../net/failure.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import { down, unknown, up, type Verdict } from '../../verdict.ts';
import { endpointOf, openRoute } from '../http/route.ts';
import type { ProbeKind } from '../kind.ts';
import { type Look, lookOnce } from '../look.ts';
import { noteCertificate, tlsContextsOf } from '../target-tls.ts';
import { judgeMessage } from './judge-message.ts';
import { closePolitely, MOST_MESSAGES, receiveUntil, type Reception } from './receive.ts';
import { upgrade, type UpgradeOutcome } from './upgrade.ts';

type WebSocketMonitor = MonitorOf<'websocket'>;

/** One run's monitor with what is derived from it. */
interface Visit {
  readonly monitor: WebSocketMonitor;
  readonly target: string;
  readonly hide: (text: string) => string;
}

/** A WebSocket: connects, says what is configured, and waits for a message that is as expected. */
export const webSocketKind: ProbeKind<WebSocketMonitor> = {
  describeTarget: ({ url }) => describeUrl(new URL(url)),
  probe(monitor, context) {
    const { url, timeoutMs, expect } = monitor;
    const target = showEndpoint(endpointOfWebSocket(url));
    return lookOnce({ target, timeoutMs, latency: expect.latency }, context, (look) =>
      visit({ monitor, target, hide: look.hide }, look),
    );
  },
};

/** The way to it is that of HTTP: `ws` is `http`, `wss` is `https`. */
function asHttp(url: string): URL {
  return new URL(url.replace(/^ws/i, 'http'));
}

function endpointOfWebSocket(url: string): Endpoint {
  return endpointOf(asHttp(url));
}

async function visit({ monitor, target, hide }: Visit, look: Look): Promise<Step<Verdict>> {
  const opened = await open(monitor, target, look);
  if (opened.status !== 'done') return opened;
  const { url, headers, subprotocols, maxMessageBytes } = monitor;
  look.recorder.begin('upgrade', 0);
  const upgraded = await upgrade(opened.value, {
    url,
    headers: { 'user-agent': `Tocsin/${VERSION}`, ...headers, traceparent: look.context.traceparent },
    subprotocols,
    maxMessageBytes,
    signal: look.signal,
  });
  if (upgraded.status !== 'open') {
    opened.value.destroy();
    return judgeUpgrade(upgraded, { monitor, target, hide }, look);
  }
  look.recorder.end();
  const { webSocket } = upgraded;
  look.attributes['http.response.status_code'] = 101;
  if (webSocket.protocol !== '') look.attributes['tocsin.probe.websocket.subprotocol'] = webSocket.protocol;
  try {
    const step = await converse(webSocket, { monitor, target, hide }, look);
    if (step.status === 'done') {
      const code = await closePolitely(webSocket, look.signal);
      look.attributes['tocsin.probe.websocket.close_code'] ??= code;
    }
    return step;
  } finally {
    webSocket.terminate();
    opened.value.destroy();
  }
}

/** Phases `resolve`, `connect` and `tls`, through the proxy where one is configured. */
async function open(monitor: WebSocketMonitor, target: string, look: Look): Promise<Step<Socket>> {
  const { url, connection, timeoutMs } = monitor;
  const { host, port } = endpointOfWebSocket(url);
  Object.assign(look.attributes, {
    'url.full': describeUrl(new URL(url)),
    'server.address': host,
    'server.port': port,
  });
  const family = connection.ip === 'auto' ? undefined : connection.ip === '4' ? 4 : 6;
  const contexts = tlsContextsOf(look.network);
  // Made by hand: a look writes its phases down as the route does.
  const { network, recorder, hop, signal } = look;
  const options = { network, recorder, hop, signal, family, connection, contexts, alwaysTunnels: true } as const;
  const { step, peerAddress, certificate } = await openRoute(asHttp(url), options);
  if (peerAddress !== undefined) look.attributes['network.peer.address'] = peerAddress;
  if (certificate) noteCertificate(look, certificate, connection.tls.insecure);
  if (step.status === 'done') return done(step.value.socket);
  if (step.status !== 'aborted' || connection.proxy === undefined) return step;
  // A proxy that was not reached keeps us waiting itself; one that opens no tunnel waits for the target.
  const reachedProxy = recorder.phases.some(({ name }) => name === 'connect');
  if (reachedProxy || recorder.current !== 'connect') return step;
  const proxy = showEndpoint(endpointOf(new URL(connection.proxy)));
  return judged(unknown('proxy_failed', `the proxy ${proxy}: ${judgeTimeout(target, 'connect', timeoutMs).message}`));
}

const TELLING_HEADERS = ['content-type', 'location', 'retry-after', 'server', 'www-authenticate'];

function judgeUpgrade(
  outcome: Exclude<UpgradeOutcome, { status: 'open' }>,
  { target, hide }: Visit,
  look: Look,
): Step<Verdict> {
  switch (outcome.status) {
    case 'aborted':
      return ABORTED;
    case 'failed':
      return judged(judgeExchangeFailure(target, 'request', outcome.code));
    case 'impossible':
      return judged(unknown('invalid_request', `the request cannot be made as configured: ${outcome.why}`));
    case 'invalid':
      return judged(down('protocol_error', `expected a WebSocket of ${target}, found: ${outcome.why}`));
    case 'refused': {
      const { statusCode, headers, body } = outcome;
      look.attributes['http.response.status_code'] = statusCode;
      look.evidence['body'] = body;
      for (const name of TELLING_HEADERS) look.evidence[`header.${name}`] = headers[name]?.toString();
      const said = body.trim() === '' ? '' : ` with ${showText(body, hide)}`;
      const wanted = `${target} to switch to WebSocket (status 101)`;
      return judged(down('status_mismatch', `expected ${wanted}, found status ${statusCode}${said}`));
    }
  }
}

/** Says what is configured and awaits what is expected. Phase `dialogue`, where there is something to say or to await. */
async function converse(webSocket: WebSocket, visited: Visit, look: Look): Promise<Step<Verdict>> {
  const { send, expect } = visited.monitor;
  if (send.length > 0 || expect.message.length > 0) look.recorder.begin('dialogue', 0);
  for (const text of send) webSocket.send(text);
  const took = (): string => formatDuration(Math.ceil(look.recorder.elapsedMs()));
  if (expect.message.length === 0) {
    look.recorder.end();
    return done(up(`connected in ${took()}`));
  }
  const judge = (text: string): Promise<Verdict | undefined> =>
    judgeMessage(expect.message, text, { ...look, target: visited.target });
  const reception = await receiveUntil(webSocket, judge, look.signal);
  look.attributes['tocsin.probe.websocket.messages'] = reception.messages;
  if (reception.end.status === 'met') {
    look.recorder.end();
    return done(up(`message ${reception.messages} was as expected, in ${took()}`));
  }
  look.evidence['message'] = reception.latest;
  if (reception.end.status === 'closed') look.attributes['tocsin.probe.websocket.close_code'] = reception.end.code;
  return judgeReception(reception, visited);
}

function judgeReception(
  { end, messages, nearest }: Reception,
  { target, hide, monitor: { maxMessageBytes } }: Visit,
): Step<Verdict> {
  if (end.status === 'failed' && end.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    const wanted = `messages of at most ${maxMessageBytes} bytes from ${target}`;
    return judged(down('dialogue_mismatch', `expected ${wanted}, found a longer one`));
  }
  if (nearest === undefined) {
    if (end.status === 'aborted') return ABORTED;
    if (end.status === 'failed') return judged(judgeExchangeFailure(target, 'request', end.code));
    const why = end.status === 'closed' ? describeClose(end.code, hide(end.reason)) : 'none';
    return judged(down('connection_closed', `expected a message of ${target}, found ${why}`));
  }
  const until = {
    aborted: 'the time was up',
    closed: end.status === 'closed' ? describeClose(end.code, hide(end.reason)) : '',
    failed: end.status === 'failed' ? end.code : '',
    flooded: `there were ${MOST_MESSAGES} messages`,
    met: '',
  }[end.status];
  const count = messages === 1 ? 'the only message' : `none of ${messages} messages was`;
  return done({ ...nearest, message: `${nearest.message} (${count} until ${until})` });
}

function describeClose(code: number, reason: string): string {
  const said = reason === '' ? '' : ` ${JSON.stringify(reason)}`;
  return `the connection closed (${code === 1_006 ? 'without a word' : `code ${code}`}${said})`;
}
