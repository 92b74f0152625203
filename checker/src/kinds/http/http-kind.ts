import type { IncomingHttpHeaders } from 'node:http';
import type { MonitorOf } from '@tocsin/service/config';
import { judgeTimeout } from '../../net/failure.ts';
import { hostOf } from '../../net/resolve.ts';
import { discountOwnTrouble } from '../../own-trouble.ts';
import { PhaseRecorder } from '../../phases.ts';
import type { AttributeValue } from '../../attributes.ts';
import type { Observation } from '../../probe-run.ts';
import { collectSecrets, describeUrl, hideSecrets } from '../../redact.ts';
import { RunLimit } from '../../run-limit.ts';
import { down, type Verdict } from '../../verdict.ts';
import type { ProbeContext, ProbeKind } from '../kind.ts';
import { readBodyText } from './body.ts';
import type { Answer } from './exchange.ts';
import { judgeResponse } from './judge-response.ts';
import { buildRequest, decideRedirect, type HttpRequest, MAX_REDIRECTS, type RedirectDecision } from './request.ts';
import { portOf, targetOf, type Visited, visitOnce } from './visit.ts';

/** A request over HTTP/1.1, each run and each redirect over a new connection. */
export const httpKind: ProbeKind<HttpMonitor> = {
  describeTarget: (monitor) => describeUrl(new URL(monitor.http.url)),
  async probe(monitor, context) {
    const run = new HttpRun(monitor, context);
    return run.perform();
  },
};

type HttpMonitor = MonitorOf<'http'>;

class HttpRun {
  readonly #monitor: HttpMonitor;
  readonly #context: ProbeContext;
  readonly #recorder: PhaseRecorder;
  readonly #limit: RunLimit;
  #visited: Visited[] = [];

  constructor(monitor: HttpMonitor, context: ProbeContext) {
    this.#monitor = monitor;
    this.#context = context;
    this.#recorder = new PhaseRecorder(context.clock);
    this.#limit = new RunLimit({ ...context, timeoutMs: monitor.timeoutMs });
  }

  async perform(): Promise<Observation | undefined> {
    const { signal, traceparent } = this.#context;
    try {
      const first = buildRequest(this.#monitor.http, traceparent);
      const verdict = await this.#walk(first);
      return signal.aborted ? undefined : this.#report(first, this.#discountOwnTrouble(verdict));
    } finally {
      this.#limit.end();
    }
  }

  /** Visits the target and where it redirects to. */
  async #walk(first: HttpRequest): Promise<Verdict> {
    let request = first;
    for (let hop = 0; ; hop += 1) {
      const visited = await this.#visit(request, hop);
      this.#visited.push(visited);
      const { result } = visited;
      if (result.status === 'judged') return result.verdict;
      if (result.status === 'aborted') return this.#judgeTimeout(request);
      const decision = this.#decide(request, result.answer.statusCode, result.answer.headers, hop);
      if (decision.action === 'refuse') return judgeRedirect(request, result.answer, decision.reason);
      if (decision.action === 'stay') return this.#judge(result.answer);
      request = decision.request;
    }
  }

  #visit(request: HttpRequest, hop: number): Promise<Visited> {
    return visitOnce({
      request,
      hop,
      network: this.#context.network,
      recorder: this.#recorder,
      signal: this.#limit.signal,
      wantsBody: (statusCode, headers) => this.#decide(request, statusCode, headers, hop).action === 'stay',
    });
  }

  #decide(request: HttpRequest, statusCode: number, headers: IncomingHttpHeaders, hop: number): RedirectDecision {
    return decideRedirect(request, { statusCode, location: headers.location }, this.#monitor.expect.status, hop);
  }

  #judgeTimeout({ url }: HttpRequest): Verdict {
    return judgeTimeout(targetOf(url), this.#recorder.current ?? 'connect', this.#monitor.timeoutMs);
  }

  #discountOwnTrouble(verdict: Verdict): Verdict {
    this.#recorder.fail();
    const lookups = this.#recorder.phases.filter(({ name }) => name === 'resolve');
    return discountOwnTrouble(verdict, {
      totalMs: this.#recorder.elapsedMs(),
      stalledMs: this.#limit.stalledMs(),
      resolveMs: lookups.reduce((sumMs, { durationMs }) => sumMs + durationMs, 0),
      timeoutMs: this.#monitor.timeoutMs,
      latencyMs: this.#monitor.expect.latencyMs,
    });
  }

  async #judge(answer: Answer): Promise<Verdict> {
    const { expect } = this.#monitor;
    const totalMs = this.#recorder.elapsedMs();
    const body = expect.bodyContains.length === 0 ? undefined : await readBodyText(answer);
    return judgeResponse(expect, { statusCode: answer.statusCode, body, totalMs });
  }

  #report({ url, method, headers }: HttpRequest, verdict: Verdict): Observation {
    const secrets = collectSecrets(url, { ...headers, traceparent: '' });
    const last = this.#visited.at(-1);
    const [notAfterUnixS] = this.#visited.flatMap((visited) => visited.notAfterUnixS ?? []);
    const attributes: Record<string, AttributeValue> = {
      'http.request.method': method,
      'url.full': describeUrl(url),
      'server.address': hostOf(url),
      'server.port': portOf(url),
    };
    const { peerAddress, tlsProtocol } = this.#visited[0] ?? {};
    if (peerAddress !== undefined) attributes['network.peer.address'] = peerAddress;
    if (tlsProtocol) attributes['tls.protocol.version'] = tlsProtocol.replace(/^TLSv/, '');
    if (last?.result.status === 'answered') attributes['http.response.status_code'] = last.result.answer.statusCode;
    if (this.#visited.length > 1) attributes['tocsin.probe.redirects'] = this.#visited.length - 1;
    return {
      verdict: { ...verdict, message: hideSecrets(verdict.message, secrets) },
      phases: this.#recorder.phases,
      attributes,
      ...(notAfterUnixS === undefined ? {} : { tlsNotAfterUnixS: notAfterUnixS }),
    };
  }
}

function judgeRedirect(
  { url }: HttpRequest,
  { headers, statusCode }: Answer,
  reason: 'redirect_limit' | 'redirect_invalid',
): Verdict {
  if (reason === 'redirect_limit') {
    return down(reason, `expected at most ${MAX_REDIRECTS} redirects, found a further one at ${describeUrl(url)}`);
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(headers.location ?? '')?.[1];
  const found = scheme === undefined || /^https?$/i.test(scheme) ? 'a Location that is not a URL' : `a ${scheme}: URL`;
  return down(reason, `expected the ${statusCode} of ${targetOf(url)} to lead to an http(s) URL, found ${found}`);
}
