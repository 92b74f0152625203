import { formatDuration } from '@tocsin/service/config';
import type { Alert } from '../alert.ts';
import type { Notification } from '../notify/notification.ts';
import type { ChannelContext } from './channel.ts';
import { showDirections } from './directions.ts';

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
  /** What else is to be said: that it comes here instead of elsewhere. */
  readonly notes: readonly string[];
  readonly alerts: readonly AlertContent[];
  /** Of a digest: the titles of the messages it stands for, instead of alerts. */
  readonly titles: readonly string[];
  /** How many alerts, or titles, are not listed. */
  readonly hiddenCount: number;
  /** Acknowledge and silence, where something fires; `value` is a URL. */
  readonly actions: readonly Named[];
  readonly consoleUrl: string;
}

const MAX_TITLE = 160;
const MAX_NAMES = 3;
/** Labels that say what kind of alert it is, not what it is about. */
const NOT_A_SUBJECT = new Set(['alertname', 'severity']);
/** Annotations that have a place of their own in a message. */
const PLACED = new Set([
  'summary',
  'description',
  'reason',
  'value',
  'threshold',
  'trace_id',
  'runbook_url',
  'dashboard_url',
]);

/** The title, as `[FIRING:2] HighErrorRate (shop)`; one line, at most 160 characters. */
export function formatTitle(notification: Notification): string {
  const { status, firing, resolved, firingCount, commonLabels, digest } = notification;
  if (digest) return `[DIGEST] ${digest.groupCount} more groups: ${countStates(notification)}`;
  const named = status === 'firing' ? firing : resolved;
  const names = [...new Set(named.map(({ labels }) => labels['alertname'] ?? 'alert'))];
  const shown = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', …' : '');
  const subject = Object.entries(commonLabels)
    .filter(([name]) => !NOT_A_SUBJECT.has(name))
    .map(([, value]) => value);
  const head = headOf(notification, status === 'firing' ? `[FIRING:${firingCount}]` : '[RESOLVED]');
  const title = `${head} ${shown}${subject.length === 0 ? '' : ` (${[...new Set(subject)].join(' ')})`}`;
  return shorten(showDirections(title).replace(/\s+|\p{Cc}+/gu, ' '), MAX_TITLE);
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

/** Puts a notification into words; at most `maxAlerts` alerts are listed (of a digest `maxTitles` titles), firing ones first. */
export function describeNotification(
  notification: Notification,
  context: Pick<ChannelContext, 'consoleUrl' | 'links'>,
  maxAlerts: number,
  maxTitles: number = Math.max(maxAlerts, 20),
): MessageContent {
  const { status, firing, resolved, firingCount, resolvedCount, commonLabels, digest } = notification;
  const { consoleUrl } = context;
  const alerts = digest
    ? []
    : [
        ...firing.map((alert) => describeAlert(alert, 'firing', consoleUrl)),
        ...resolved.map((alert) => describeAlert(alert, 'resolved', consoleUrl)),
      ].slice(0, maxAlerts);
  const titles = (digest?.titles ?? []).slice(0, maxTitles);
  const quiet = new Set(['ticket', 'warning', 'info']).has(commonLabels['severity'] ?? '');
  return {
    title: formatTitle(notification),
    tone: status === 'resolved' ? 'resolved' : quiet ? 'ticket' : 'page',
    lead: formatLead(notification),
    notes: notesOf(notification),
    alerts,
    titles,
    hiddenCount: digest ? digest.groupCount - titles.length : firingCount + resolvedCount - alerts.length,
    actions: actionsOf(notification, context),
    consoleUrl,
  };
}

/** The content with as many alerts and titles as `render` brings below `max`; what is left out is counted as hidden. */
export function fitContent(
  content: MessageContent,
  max: number,
  render: (content: MessageContent) => string,
  measure: (text: string) => number = (text) => text.length,
): string {
  const { alerts, titles, hiddenCount } = content;
  for (let keep = Math.max(alerts.length, titles.length); ; keep = keep > 20 ? Math.floor(keep * 0.8) : keep - 1) {
    const kept = { alerts: alerts.slice(0, keep), titles: titles.slice(0, keep) };
    const left = alerts.length - kept.alerts.length + titles.length - kept.titles.length;
    const text = render({ ...content, ...kept, hiddenCount: hiddenCount + left });
    if (measure(text) <= max || keep <= 0) return text;
  }
}

const count = (number: number, noun = 'alert'): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function countStates({ firingCount, resolvedCount }: Notification): string {
  return [firingCount > 0 ? `${firingCount} firing` : '', resolvedCount > 0 ? `${resolvedCount} resolved` : '']
    .filter((part) => part !== '')
    .join(', ');
}

function formatLead(notification: Notification): string {
  const { status, reason, firingCount, resolvedCount, digest } = notification;
  if (digest)
    return `Too much at once for a message each: ${count(digest.groupCount, 'more group')} with ${countStates(notification)}.`;
  if (status === 'resolved') return `All clear: ${count(resolvedCount)} resolved, none is firing any more.`;
  const over = resolvedCount === 0 ? '' : ` ${count(resolvedCount)} resolved since the last message.`;
  const still = reason === 'repeat_interval' ? 'Reminder: ' : '';
  const verb = firingCount === 1 ? 'is' : 'are';
  return `${still}${count(firingCount)} ${verb} ${still === '' ? '' : 'still '}firing.${over}`;
}

function notesOf({ fallback, escalation }: Notification): string[] {
  const notes = escalation ? [escalation.note] : [];
  if (!fallback) return notes;
  const { channel, reason, sinceMs } = fallback;
  return [...notes, `Told here because ${channel} cannot be reached (${reason}) since ${formatTime(sinceMs)}.`];
}

function actionsOf(notification: Notification, { links }: Pick<ChannelContext, 'links'>): Named[] {
  const urls = notification.status === 'firing' && !notification.digest ? links?.(notification) : undefined;
  return [
    ...(urls?.acknowledge === undefined ? [] : [{ name: 'Acknowledge', value: urls.acknowledge }]),
    ...(urls?.silence === undefined ? [] : [{ name: 'Silence', value: urls.silence }]),
  ];
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
  const threshold = annotations['threshold'] ?? '';
  if (value !== '')
    facts.push({ name: 'Value', value: threshold === '' ? value : `${value} (threshold ${threshold})` });
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
    { name: 'Dashboard', value: annotations['dashboard_url'] ?? '' },
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
