import { formatDuration } from '@tocsin/service/config';
import type { Phase } from '../phases.ts';
import type { ProbeRun } from '../probe-run.ts';
import type { Outcome } from '../verdict.ts';

export interface DrawOptions {
  readonly isColored: boolean;
  readonly nowUnixMs: number;
}

const BAR_WIDTH = 40;
const DAY_S = 86_400;
/** What ends sooner is shown in colour. */
const SOON_DAYS = 14;
const COLORS: Readonly<Record<Outcome, number>> = { up: 32, degraded: 33, down: 31, unknown: 35 };
const MARKS: Readonly<Record<Outcome, string>> = { up: '✓', degraded: '!', down: '✗', unknown: '?' };

/** A run for a terminal: the verdict, the waterfall with its stops, the certificate, what the target said. */
export function drawRun(run: ProbeRun, target: string, { isColored, nowUnixMs }: DrawOptions): string {
  const paint = (code: number, text: string): string => (isColored ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { outcome, reason, message } = run.verdict;
  const lines = [
    `${paint(COLORS[outcome], `${MARKS[outcome]} ${outcome}`)}  ${printable(target)}`,
    `  ${reason === 'ok' ? '' : `${reason}: `}${printable(message)}`,
    '',
    ...drawWaterfall(run, (text) => paint(2, text)),
  ];
  const certificate = drawCertificate(run, nowUnixMs, paint);
  if (certificate.length > 0) lines.push('', ...certificate);
  const evidence = Object.entries(run.evidence ?? {});
  if (evidence.length > 0) lines.push('', ...evidence.map(([name, text]) => `  ${name}: ${oneLine(text)}`));
  return `${lines.join('\n')}\n`;
}

/** Both ends of validity: of the path to an authority that is trusted, and of the earliest certificate that the server sent. */
function drawCertificate(
  { gauges = {}, attributes }: ProbeRun,
  nowUnixMs: number,
  paint: (code: number, text: string) => string,
): string[] {
  const drawn = (head: string, unixS: number): string => {
    const days = Math.floor((unixS - nowUnixMs / 1_000) / DAY_S);
    const end = new Date(unixS * 1_000).toISOString().slice(0, 10);
    const text = `  ${head} until ${end} (${days < 0 ? `${-days} days ago` : `${days} days`})`;
    return paint(days < SOON_DAYS ? 33 : 0, text);
  };
  const earliest = gauges['tocsin.probe.tls.earliest_not_after'];
  const verified = gauges['tocsin.probe.tls.verified_not_after'];
  if (earliest === undefined) return [];
  const version = attributes['tls.protocol.version'];
  const first = verified === undefined ? '  certificate  not verified' : drawn('certificate  verified', verified);
  return [
    `${first}${version === undefined ? '' : `, TLS ${version}`}`,
    drawn('             the earliest that was sent', earliest),
  ];
}

function drawWaterfall(run: ProbeRun, dim: (text: string) => string): string[] {
  const { phases, hops = [], durationMs } = run;
  const drawn = (phase: Phase): string => {
    const scale = BAR_WIDTH / Math.max(durationMs, 0.001);
    const start = Math.min(BAR_WIDTH - 1, Math.floor(phase.startOffsetMs * scale));
    const length = Math.max(1, Math.min(BAR_WIDTH - start, Math.round(phase.durationMs * scale)));
    const bar = `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(BAR_WIDTH);
    const peer = phase.attributes['network.peer.address'];
    const tried = phase.attributes['tocsin.probe.attempts'];
    const notes = [peer, tried, phase.failed ? 'failed here' : undefined].filter((note) => note !== undefined);
    return `  ${phase.name.padEnd(10)} ${bar} ${showMs(phase.durationMs).padStart(9)}  ${dim(notes.join(', '))}`.trimEnd();
  };
  const total = `  ${'total'.padEnd(10)} ${' '.repeat(BAR_WIDTH)} ${showMs(durationMs).padStart(9)}`;
  if (hops.length === 0) return [...phases.map(drawn), total];
  const perHop = hops.flatMap((hop, index) => {
    const to = hop.attributes['http.response.header.location'];
    const where = `${hop.attributes['url.full'] ?? ''}${to === undefined ? '' : ` → ${to}`}`;
    return [
      `  ${index + 1}. ${printable(hop.name)}  ${dim(printable(where))}`,
      ...phases.filter((phase) => phase.hop === index).map(drawn),
    ];
  });
  return [...perHop, total];
}

function showMs(durationMs: number): string {
  return durationMs < 10 ? `${durationMs.toFixed(1)}ms` : formatDuration(Math.round(durationMs));
}

function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim()).slice(0, 200);
}

/** What a target says must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '·');
}
