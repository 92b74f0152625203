import { formatDuration } from '@tocsin/service/config';
import type { SeenAlert, TestFailure } from './run-test.ts';

/** A failure in words, several lines. */
export function formatFailure(name: string, { alertname, evalTimeMs, expected, got, note }: TestFailure): string {
  const lines = [`  FAILED: ${name}, alertname ${alertname} at ${formatDuration(evalTimeMs)}`];
  if (note !== undefined) lines.push(`    ${note}`);
  lines.push('    expected:', ...listed(expected), '    got:', ...listed(got));
  return lines.join('\n');
}

function listed(alerts: readonly SeenAlert[]): string[] {
  if (alerts.length === 0) return ['      nothing'];
  return alerts
    .map(({ labels, annotations }) => {
      const said = Object.keys(annotations).length === 0 ? '' : ` ${braces(annotations)}`;
      return `      ${braces(labels)}${said}`;
    })
    .toSorted();
}

function braces(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${parts.join(', ')}}`;
}
