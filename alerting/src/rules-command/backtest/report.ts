import { formatDuration, type RuleGroup } from '@tocsin/service/config';
import type { BacktestResult } from './backtest.ts';
import type { Episode } from './episodes.ts';

/** The most times of one rule that are listed; the rest is counted. */
const MAX_LISTED = 50;

/** What a backtest found, for people. */
export function formatBacktest(groups: readonly RuleGroup[], result: BacktestResult, fromMs: number): string {
  const { evaluations, messages, failures, endMs } = result;
  const lines = [`From ${iso(fromMs)} to ${iso(endMs)}: ${evaluations} evaluations.`, ''];
  for (const name of namesOf(groups, result)) {
    lines.push(
      ...ruleLines(
        name,
        result.episodes.filter(({ rule }) => rule === name),
        endMs,
      ),
    );
    const failure = failures.get(name);
    if (failure) lines.push(`  could not be evaluated ${times(failure.count)}: ${failure.message}`);
    lines.push('');
  }
  lines.push(...messageLines(messages));
  return `${lines.join('\n')}\n`;
}

/** The same for machines. Times are ISO 8601, UTC. */
export function backtestJson(groups: readonly RuleGroup[], result: BacktestResult, fromMs: number): string {
  const { evaluations, episodes, messages, failures, endMs } = result;
  return JSON.stringify({
    from: iso(fromMs),
    to: iso(endMs),
    evaluations,
    rules: namesOf(groups, result).map((name) => ({
      name,
      failures: failures.get(name)?.count ?? 0,
      error: failures.get(name)?.message,
      fired: episodes
        .filter(({ rule }) => rule === name)
        .map(({ labels, summary, value, fromMs: from, toMs: to }) => ({
          labels,
          summary,
          value,
          from: iso(from),
          to: to === undefined ? undefined : iso(to),
        })),
    })),
    messages: messages.map(({ atMs, ...message }) => ({ ...message, at: iso(atMs) })),
  });
}

function ruleLines(name: string, episodes: readonly Episode[], endMs: number): string[] {
  if (episodes.length === 0) return [`${name}: would not have fired`];
  const totalMs = episodes.reduce((sum, { fromMs, toMs }) => sum + (toMs ?? endMs) - fromMs, 0);
  const listed = episodes.slice(0, MAX_LISTED).map(({ fromMs, toMs, labels, value, summary }) => {
    const length = toMs === undefined ? 'until the end' : `for ${formatDuration(toMs - fromMs)}`;
    const shown = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    const number = value === undefined ? '' : `, value ${Number(value.toPrecision(6))}`;
    return `  ${iso(fromMs)} ${length}  {${shown.join(', ')}}${number}${summary === '' ? '' : `  ${summary}`}`;
  });
  const rest = episodes.length - listed.length;
  return [
    `${name}: would have fired ${times(episodes.length)}, ${formatDuration(totalMs)} in all`,
    ...listed,
    ...(rest > 0 ? [`  and ${times(rest)} more`] : []),
  ];
}

function messageLines(messages: BacktestResult['messages']): string[] {
  if (messages.length === 0) return ["No message would have been sent by today's routes."];
  const channels = [...new Set(messages.map(({ channel }) => channel))].sort();
  return [
    "Messages by today's routes:",
    ...channels.map((channel) => {
      const own = messages.filter((message) => message.channel === channel);
      const firing = own.filter(({ status }) => status === 'firing').length;
      return `  ${channel}: ${own.length} (${firing} about trouble, ${own.length - firing} that it is over)`;
    }),
  ];
}

/** The rules asked for, and those of Tocsin's own that spoke up. */
function namesOf(groups: readonly RuleGroup[], { episodes }: BacktestResult): string[] {
  const asked = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  return [...new Set([...asked, ...episodes.map(({ rule }) => rule)])];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}
