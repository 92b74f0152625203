import type { FieldChange, SectionChanges } from './changes.ts';
import type { Changes } from './compare.ts';
import type { Paging, Rerouted } from './paging.ts';

/** Everything that was found, ready to be told. */
export interface DiffReport {
  readonly changes: Changes;
  readonly paging: Paging;
  /** What `--backtest` found, as text. */
  readonly backtest?: string | undefined;
}

/** Whether anything differs. */
export function differs({ changes, paging }: DiffReport): boolean {
  return changes.sections.length + changes.settings.length + paging.rules.length + paging.firing.length > 0;
}

/** For a terminal. */
export function formatText(report: DiffReport): string {
  if (!differs(report)) return 'Nothing differs.\n';
  const { changes, paging, backtest } = report;
  const lines = changes.sections.flatMap((section) => [
    `${section.section}:`,
    ...sectionLines(section).map((line) => `  ${line}`),
  ]);
  if (changes.settings.length > 0) lines.push('settings:', ...changes.settings.map((one) => `  ~ ${showField(one)}`));
  for (const [title, told] of pagingLines(paging)) lines.push(`${title}:`, ...told.map((line) => `  ${line}`));
  if (backtest !== undefined) lines.push('what new and changed rules would have said:', '', backtest.trimEnd());
  return `${lines.join('\n')}\n`;
}

/** For a comment on a pull request. */
export function formatMarkdown(report: DiffReport): string {
  const title = '### What this changes in Tocsin\n';
  if (!differs(report)) return `${title}\nNothing differs.\n`;
  const { changes, paging, backtest } = report;
  const parts = changes.sections.map((section) => block(titleOf(section), sectionLines(section)));
  if (changes.settings.length > 0)
    parts.push(
      block(
        'Settings',
        changes.settings.map((one) => `~ ${showField(one)}`),
      ),
    );
  for (const [what, told] of pagingLines(paging)) parts.push(block(what[0]?.toUpperCase() + what.slice(1), told));
  if (backtest !== undefined)
    parts.push(
      `<details><summary>What new and changed rules would have said</summary>\n\n${fence(backtest.trimEnd())}\n\n</details>`,
    );
  return `${title}\n${parts.join('\n\n')}\n`;
}

/** For programs. */
export function formatJson(report: DiffReport): string {
  return `${JSON.stringify({ differs: differs(report), ...report.changes, paging: report.paging, backtest: report.backtest }, null, 2)}\n`;
}

function titleOf({ section, added, removed, changed }: SectionChanges): string {
  const counts = [
    [added.length, 'added'],
    [changed.length, 'changed'],
    [removed.length, 'removed'],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${section[0]?.toUpperCase()}${section.slice(1)}: ${said.join(', ')}`;
}

function sectionLines({ added, removed, changed }: SectionChanges): string[] {
  return [
    ...added.map((name) => `+ ${name}`),
    ...changed.map(({ name, fields }) => `~ ${name}: ${fields.map(showField).join(', ')}`),
    ...removed.map((name) => `- ${name}`),
  ];
}

function showField({ field, from, to }: FieldChange): string {
  return from === undefined ? `${field} is another` : `${field} ${from} → ${to}`;
}

function pagingLines({ rules, reach, firing, ending }: Paging): [title: string, lines: string[]][] {
  const moved = ({ what, from, to }: Rerouted): string => `${what}: ${showReceivers(from)} → ${showReceivers(to)}`;
  const parts: [string, string[]][] = [
    ['rules whose alerts go elsewhere', rules.map(moved)],
    ['whom new and changed rules reach', reach.map(({ rule, to }) => `${rule}: ${showReceivers(to)}`)],
    ['alerts that fire now and go elsewhere', firing.map(moved)],
    ['alerts that fire now and end, for their rule goes', [...ending]],
  ];
  return parts.filter(([, lines]) => lines.length > 0);
}

function showReceivers(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ');
}

function block(title: string, lines: readonly string[]): string {
  return `**${title}**\n\n${fence(lines.join('\n'), 'diff')}`;
}

/** Longer than any row of backticks within. */
function fence(text: string, language = ''): string {
  const ticks = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([row]) => row.length + 1)));
  return `${ticks}${language}\n${text}\n${ticks}`;
}
