import type { Socket } from 'node:net';
import { formatDuration, type LatencyLimit } from '@tocsin/service/config';
import type { AttributeValue } from '../attributes.ts';
import { collectEvidence } from '../evidence.ts';
import { type DialOptions, type Endpoint, openConnection, resolveHost } from '../net/dial.ts';
import { judgeTimeout } from '../net/failure.ts';
import { done, type Step } from '../net/step.ts';
import { discountOwnTrouble } from '../own-trouble.ts';
import { PhaseRecorder } from '../phases.ts';
import type { KindGauges, Observation } from '../probe-run.ts';
import { RunLimit } from '../run-limit.ts';
import { hideSecrets } from '../secrets/hide-secrets.ts';
import { unmet, type Verdict, worstOf } from '../verdict.ts';
import type { ProbeContext } from './kind.ts';

export interface LookOptions {
  /** What messages call the target, as `host:port`. */
  readonly target: string;
  /** Of the whole run. */
  readonly timeoutMs: number;
  readonly latency?: readonly LatencyLimit[];
}

/** One look at a target: what a kind is given, and where it writes down what it learns. */
export interface Look extends DialOptions {
  readonly context: ProbeContext;
  /** Of the root span. */
  readonly attributes: Record<string, AttributeValue>;
  /** What the target said; kept where all is not well. */
  readonly evidence: Record<string, string | undefined>;
  tlsNotAfterUnixS: number | undefined;
  readonly gauges: KindGauges;
  /** Blacks secrets out: for what is cut before it is told. */
  readonly hide: (text: string) => string;
}

/**
 * Looks at a target once, within the time limit. What the time limit means depends on the phase in which it came; time that was ours is
 * taken off (`discountOwnTrouble`); a target that is up is judged by its latency last.
 */
export async function lookOnce(
  options: LookOptions,
  context: ProbeContext,
  look: (look: Look) => Promise<Step<Verdict>>,
): Promise<Observation | undefined> {
  const { target, timeoutMs, latency = [] } = options;
  const recorder = new PhaseRecorder(context.clock);
  const limit = new RunLimit({ ...context, timeoutMs });
  const taken: Look = {
    context,
    network: context.network,
    recorder,
    hop: 0,
    signal: limit.signal,
    attributes: {},
    evidence: {},
    tlsNotAfterUnixS: undefined,
    gauges: {},
    hide: (text) => hideSecrets(text, context.secrets),
  };
  try {
    const step = await look(taken);
    if (context.signal.aborted) return undefined;
    const found = verdictOf(step, target, recorder, timeoutMs);
    const verdict = discountOwnTrouble(judgeLatency(found, recorder, latency), {
      totalMs: recorder.elapsedMs(),
      stalledMs: limit.stalledMs(),
      resolveMs: sumOf(recorder, 'resolve'),
      timeoutMs,
      latencyMs: latency.find(({ phase }) => phase === 'total')?.maxMs,
    });
    return toObservation(taken, verdict);
  } finally {
    limit.end();
  }
}

function verdictOf(step: Step<Verdict>, target: string, recorder: PhaseRecorder, timeoutMs: number): Verdict {
  const phase = recorder.current ?? 'connect';
  const verdict =
    step.status === 'done'
      ? step.value
      : step.status === 'judged'
        ? step.verdict
        : judgeTimeout(target, phase, timeoutMs);
  if (verdict.outcome === 'up' || verdict.outcome === 'degraded') recorder.end();
  else recorder.fail();
  return verdict;
}

function judgeLatency(verdict: Verdict, recorder: PhaseRecorder, limits: readonly LatencyLimit[]): Verdict {
  if (verdict.outcome === 'down' || verdict.outcome === 'unknown') return verdict;
  const late = limits.flatMap(({ phase, maxMs, severity }) => {
    const tookMs = phase === 'total' ? recorder.elapsedMs() : sumOf(recorder, phase);
    if (tookMs <= maxMs) return [];
    const what = phase === 'total' ? 'an answer' : `${phase} to be over`;
    const [wanted, found] = [formatDuration(maxMs), formatDuration(Math.ceil(tookMs))];
    return [unmet(severity, 'latency_exceeded', `expected ${what} within ${wanted}, found ${found}`)];
  });
  return worstOf(verdict, ...late);
}

function sumOf({ phases }: PhaseRecorder, wanted: string): number {
  return phases.reduce((sumMs, { name, durationMs }) => sumMs + (name === wanted ? durationMs : 0), 0);
}

function toObservation(
  { recorder, attributes, evidence, tlsNotAfterUnixS, gauges, context }: Look,
  verdict: Verdict,
): Observation {
  const shown = verdict.outcome === 'up' ? {} : collectEvidence(evidence, context.secrets);
  return {
    verdict,
    phases: recorder.phases,
    attributes,
    ...(Object.keys(shown).length === 0 ? {} : { evidence: shown }),
    ...(tlsNotAfterUnixS === undefined ? {} : { tlsNotAfterUnixS }),
    ...(Object.keys(gauges).length === 0 ? {} : { gauges }),
  };
}

/**
 * Looks a target's host up and connects to it (phases `resolve` and `connect`), and writes down where it went.
 * @returns the open socket, which the caller destroys
 */
export async function reach(endpoint: Endpoint, look: Look): Promise<Step<Socket>> {
  look.attributes['server.address'] = endpoint.host;
  look.attributes['server.port'] = endpoint.port;
  const addresses = await resolveHost(endpoint.host, look);
  if (addresses.status !== 'done') return addresses;
  const connected = await openConnection(endpoint, addresses.value, look);
  if (connected.status !== 'done') return connected;
  look.attributes['network.peer.address'] = connected.value.address;
  return done(connected.value.socket);
}
