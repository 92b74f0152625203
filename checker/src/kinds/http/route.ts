import type { Socket } from 'node:net';
import { type ConnectionSettings, formatAddress } from '@tocsin/service/config';
import { type DialOptions, type Endpoint, openConnection, resolveHost, showEndpoint } from '../../net/dial.ts';
import { hostOf } from '../../net/resolve.ts';
import { secureConnection } from '../../net/secure.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import type { TlsContexts } from '../../net/tls-context.ts';
import type { PeerCertificate } from '../../net/tls.ts';
import { openTunnel } from '../../net/tunnel.ts';
import { down, unknown, type Verdict } from '../../verdict.ts';
import { credentialsOf } from './request.ts';

/** How a request gets to where its URL points. */
export interface RouteOptions extends DialOptions {
  readonly connection: ConnectionSettings;
  readonly contexts: TlsContexts;
  /** Whether a proxy opens a tunnel for http too, instead of forwarding the request. */
  readonly alwaysTunnels?: boolean;
}

/** A connection over which a request can be sent. */
export interface Route {
  readonly socket: Socket;
  /** The protocol that is spoken on it. */
  readonly version: '1.1' | '2';
  /** Set where a proxy wants the whole URL (RFC 9112, section 3.2.2), with what it is told of us. */
  readonly proxy?: { readonly authorization: string | undefined };
}

/** What became of the way, and what was learned on it. */
export interface Routed {
  readonly step: Step<Route>;
  readonly peerAddress?: string;
  readonly certificate?: PeerCertificate;
}

/** The host and port of a URL. */
export function endpointOf(url: URL): Endpoint {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: hostOf(url), port };
}

/** Opens a connection to where a URL points, through the proxy where one is configured, with TLS where the scheme says so. */
export async function openRoute(url: URL, options: RouteOptions): Promise<Routed> {
  const { proxy } = options.connection;
  const opened = proxy === undefined ? await openDirect(url, options) : await openByProxy(url, new URL(proxy), options);
  if (opened.step.status !== 'done') return { ...opened, step: opened.step };
  const { socket, forwards, authorization } = opened.step.value;
  const { peerAddress } = opened;
  const told = peerAddress === undefined ? {} : { peerAddress };
  if (url.protocol !== 'https:') {
    const version = options.connection.version === '2' && !forwards ? '2' : '1.1';
    return { step: done({ socket, version, ...(forwards ? { proxy: { authorization } } : {}) }), ...told };
  }
  const secured = await secure(url, socket, options);
  return { ...secured, ...told };
}

interface Opened {
  readonly step: Step<{ socket: Socket; forwards: boolean; authorization?: string | undefined }>;
  readonly peerAddress?: string;
}

async function openDirect(url: URL, options: RouteOptions): Promise<Opened> {
  const endpoint = endpointOf(url);
  const addresses = await resolveHost(endpoint.host, options);
  if (addresses.status !== 'done') return { step: addresses };
  const connected = await openConnection(endpoint, addresses.value, options);
  if (connected.status !== 'done') return { step: connected };
  const { socket, address } = connected.value;
  return { step: done({ socket, forwards: false }), peerAddress: address };
}

async function secure(url: URL, socket: Socket, options: RouteOptions): Promise<Routed> {
  const { connection, contexts } = options;
  const { tls, version } = connection;
  const found = await contexts.find(tls);
  if (found.status !== 'done') {
    socket.destroy();
    return { step: found };
  }
  const alpn = version === 'auto' ? ['h2', 'http/1.1'] : [version === '2' ? 'h2' : 'http/1.1'];
  const endpoint = endpointOf(url);
  const { serverName, insecure } = tls;
  const secured = await secureConnection(
    socket,
    { endpoint, secureContext: found.value, serverName, insecure, alpn },
    options,
  );
  const told = secured.certificate === undefined ? {} : { certificate: secured.certificate };
  if (secured.step.status !== 'done') return { step: secured.step, ...told };
  const chosen = secured.certificate?.alpn === 'h2' ? '2' : '1.1';
  if (version !== '2' || chosen === '2')
    return { step: done({ socket: secured.step.value, version: chosen }), ...told };
  secured.step.value.destroy();
  const message = `expected HTTP/2 of ${showEndpoint(endpoint)}, found that it offers none (ALPN)`;
  return { step: judged(down('protocol_error', message)), ...told };
}

/** Opens a tunnel for https and wherever addresses are checked; else the proxy forwards single requests. */
async function openByProxy(url: URL, proxy: URL, options: RouteOptions): Promise<Opened> {
  const { network, recorder, hop, signal, contexts } = options;
  const shown = showEndpoint(endpointOf(proxy));
  const toProxy = await openDirect(proxy, { ...options, family: undefined });
  if (toProxy.step.status !== 'done') return { step: blameProxy(toProxy.step, shown) };
  let { socket } = toProxy.step.value;
  if (proxy.protocol === 'https:') {
    const { shared } = contexts;
    const secured = await secureConnection(socket, { endpoint: endpointOf(proxy), secureContext: shared }, options);
    if (secured.step.status !== 'done') return { step: blameProxy(secured.step, shown) };
    socket = secured.step.value;
  }
  const authorization = proxy.username === '' && proxy.password === '' ? undefined : credentialsOf(proxy);
  const peer = toProxy.peerAddress === undefined ? {} : { peerAddress: toProxy.peerAddress };
  if (url.protocol !== 'https:' && !network.isDenied && options.alwaysTunnels !== true)
    return { step: done({ socket, forwards: true, authorization }), ...peer };
  const authority = await nameTarget(url, options);
  if (authority.status !== 'done') {
    socket.destroy();
    return { step: authority };
  }
  recorder.begin('connect', hop);
  const tunnel = await openTunnel(socket, { authority: authority.value, authorization, signal });
  switch (tunnel.status) {
    case 'open':
      recorder.end({ 'tocsin.probe.proxy': shown });
      return { step: done({ socket, forwards: false }), ...peer };
    case 'aborted':
      return { step: ABORTED };
    case 'refused':
      return { step: judged(judgeRefusal(authority.value, shown, tunnel.statusCode)) };
    default: {
      const found = tunnel.code === 'closed' ? 'the connection closed' : tunnel.code;
      return { step: judged(unknown('proxy_failed', `expected the proxy ${shown} to open a tunnel, found ${found}`)) };
    }
  }
}

/** What the proxy is to connect to. Where addresses are checked that is one of them, so that the proxy looks nothing up either. */
async function nameTarget(url: URL, options: RouteOptions): Promise<Step<string>> {
  const { host, port } = endpointOf(url);
  if (!options.network.isDenied) return done(formatAddress({ host, port }));
  const addresses = await resolveHost(host, options);
  if (addresses.status !== 'done') return addresses;
  return done(formatAddress({ host: addresses.value[0]?.address ?? host, port }));
}

/** 5xx: the proxy tells of the target (RFC 9110, section 15.6); anything else it tells of us. */
function judgeRefusal(target: string, proxy: string, statusCode: number): Verdict {
  const message = `expected a tunnel to ${target} through the proxy ${proxy}, found status ${statusCode}`;
  return statusCode >= 500 ? down('proxy_no_tunnel', message) : unknown('proxy_failed', message);
}

/** What went wrong on the way to the proxy is not the target's doing; what is our own trouble anyway keeps its reason. */
function blameProxy<T>(step: Exclude<Step<T>, { status: 'done' }>, proxy: string): Step<never> {
  if (step.status === 'aborted' || step.verdict.outcome === 'unknown') return step;
  return judged(unknown('proxy_failed', `the proxy ${proxy}: ${step.verdict.message}`));
}
