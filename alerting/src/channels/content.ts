import { formatDuration } from '@tocsin/service/config';
import type { Alert } from '../alert.ts';
import type { Notification } from '../notify/notification.ts';

/** Something with a name: a label, or a fact such as `Since`. */
export interface Named {
  readonly name: string;
  readonly value: string;
}

/** What a message says about one alert, before any channel's formatting. */
export interface AlertContent {
  readonly state: 'firing' | 'resolved';
  readonly name: string;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  /** Since when, reason, value and further annotations. */
  readonly facts: readonly Named[];
  readonly labels: readonly Named[];
  /** `value` is an http or https URL. */
  readonly links: readonly Named[];
}

/** What a message says. */
export interface MessageContent {
  readonly title: string;
  readonly tone: 'page' | 'ticket' | 'resolved';
  /** The situation in one sentence. */
  readonly lead: string;
  readonly alerts: readonly AlertContent[];
  /** How many alerts are not listed. */
  readonly hiddenCount: number;
  readonly consoleUrl: string;
}

const MAX_TITLE = 160;
const MAX_NAMES = 3;
/** Labels that say what kind of alert it is, not what it is about. */
const NOT_A_SUBJECT = new Set(['alertname', 'severity']);
/** Annotations that have a place of their own in a message. */
const PLACED = new Set(['summary', 'description', 'reason', 'value', 'trace_id', 'runbook_url']);

/** The title, as `[FIRING:2] HighErrorRate (shop)`; one line, at most 160 characters. */
export function formatTitle(notification: Notification): string {
  const { status, firing, resolved, firingCount, commonLabels } = notification;
  const named = status === 'firing' ? firing : resolved;
  const names = [...new Set(named.map(({ labels }) => labels['alertname'] ?? 'alert'))];
  const shown = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', …' : '');
  const subject = Object.entries(commonLabels)
    .filter(([name]) => !NOT_A_SUBJECT.has(name))
    .map(([, value]) => value);
  const head = headOf(notification, status === 'firing' ? `[FIRING:${firingCount}]` : '[RESOLVED]');
  const title = `${head} ${shown}${subject.length === 0 ? '' : ` (${[...new Set(subject)].join(' ')})`}`;
  return shorten(title.replace(/\s+|\p{Cc}+/gu, ' '), MAX_TITLE);
}

/** What an incident says that is not about its alerts. */
function headOf({ escalation }: Notification, usual: string): string {
  if (escalation?.what === 'acknowledged') return '[ACKNOWLEDGED]';
  return escalation?.what === 'not_followed' ? '[NOT FOLLOWED]' : usual;
}

/** Cuts text to `max` characters; what was cut shows as `…`. Never cuts a character in two. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

/** Puts a notification into words; at most `maxAlerts` alerts are listed, firing ones first. */
export function describeNotification(
  notification: Notification,
  consoleUrl: string,
  maxAlerts: number,
): MessageContent {
  const { status, firing, resolved, firingCount, resolvedCount, commonLabels } = notification;
  const shown = [
    ...firing.map((alert) => describeAlert(alert, 'firing', consoleUrl)),
    ...resolved.map((alert) => describeAlert(alert, 'resolved', consoleUrl)),
  ].slice(0, maxAlerts);
  const quiet = new Set(['ticket', 'warning', 'info']).has(commonLabels['severity'] ?? '');
  return {
    title: formatTitle(notification),
    tone: status === 'resolved' ? 'resolved' : quiet ? 'ticket' : 'page',
    lead: [notification.escalation?.note, formatLead(notification)].filter(Boolean).join(' '),
    alerts: shown,
    hiddenCount: firingCount + resolvedCount - shown.length,
    consoleUrl,
  };
}

function formatLead({ status, reason, firingCount, resolvedCount }: Notification): string {
  const count = (number: number): string => `${number} ${number === 1 ? 'alert' : 'alerts'}`;
  if (status === 'resolved') return `All clear: ${count(resolvedCount)} resolved, none is firing any more.`;
  const over = resolvedCount === 0 ? '' : ` ${count(resolvedCount)} resolved since the last message.`;
  const still = reason === 'repeat_interval' ? 'Reminder: ' : '';
  const verb = firingCount === 1 ? 'is' : 'are';
  return `${still}${count(firingCount)} ${verb} ${still === '' ? '' : 'still '}firing.${over}`;
}

function describeAlert(alert: Alert, state: AlertContent['state'], consoleUrl: string): AlertContent {
  const { annotations, labels, startsAtMs, endsAtMs } = alert;
  const facts: Named[] = [{ name: 'Since', value: formatTime(startsAtMs) }];
  if (state === 'resolved' && endsAtMs !== undefined) {
    const lasted = formatDuration(Math.max(1_000, Math.round((endsAtMs - startsAtMs) / 1_000) * 1_000));
    facts.push({ name: 'Until', value: `${formatTime(endsAtMs)} (${lasted})` });
  }
  if (annotations['reason']) facts.push({ name: 'Reason', value: annotations['reason'] });
  const value = annotations['value'] ?? (alert.value === undefined ? '' : formatNumber(alert.value));
  if (value !== '') facts.push({ name: 'Value', value });
  for (const [name, value] of Object.entries(annotations)) if (!PLACED.has(name) && value) facts.push({ name, value });
  return {
    state,
    name: labels['alertname'] ?? 'alert',
    summary: annotations['summary'] || undefined,
    description: annotations['description'] || undefined,
    facts,
    labels: Object.entries(labels)
      .filter(([name]) => name !== 'alertname')
      .map(([name, value]) => ({ name, value })),
    links: linksOf(alert, consoleUrl),
  };
}

function linksOf({ annotations, generatorUrl }: Alert, consoleUrl: string): Named[] {
  const traceId = annotations['trace_id'] ?? '';
  const links = [
    { name: 'Trace', value: /^[0-9a-f]{32}$/i.test(traceId) ? `${consoleUrl}/trace/${traceId}` : '' },
    { name: 'Runbook', value: annotations['runbook_url'] ?? '' },
    { name: 'Source', value: generatorUrl },
  ];
  return links.filter(({ value }) => /^https?:\/\/\S+$/i.test(value));
}

/** At most six significant digits, as `0.371429`. */
function formatNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '';
}

/** `2026-11-20 10:03:12 UTC`. */
export function formatTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
