/** What `tocsin` can do, as `help` shows it: command, its arguments, a sentence with the exit codes. */
export const COMMANDS = [
  [
    'up',
    '[--config FILE] [--data DIR] [--json]',
    'Start everything in the foreground (npm start). Ctrl-C stops it. Exit code 0 (stopped), 1 (did not start), 2 (bad arguments or configuration), 130 (stopped by force).',
  ],
  [
    'run',
    'SERVICE [--config FILE] [--data DIR]',
    'Run one service by itself: clickhouse, collector, checker, alerting or console. Also: --listen NAME=ADDRESS, more than once. Exit code 0 (stopped), 1 (failed), 2 (bad arguments or configuration).',
  ],
  [
    'healthcheck',
    '[URL…] [--ready] [--data DIR]',
    'Whether what runs is alive (/healthz), or with --ready able to do its work (/readyz). Exit code 0 (yes), 1 (no), 2 (bad arguments).',
  ],
  [
    'init',
    '[FILE]',
    'Write a commented starting configuration. Exit code 0 (written), 1 (there is one already), 2 (bad arguments).',
  ],
  [
    'check-config',
    '[FILE]',
    'Check a configuration and say everything that is wrong with it. Exit code 0 (good), 2 (not good, or bad arguments).',
  ],
  [
    'diff',
    'OLD NEW [--json|--markdown]',
    'Say what differs between two configurations, and whose alerts would reach somebody else. Also: --alerting URL for the alerts that fire now, --backtest [--from 1d] for new and changed rules, --exit-code. Exit code 0 (told), 1 (alerting or ClickHouse did not answer), 2 (bad arguments or configuration), 3 (with --exit-code: something differs).',
  ],
  [
    'probe',
    'URL [--expect …] [--json]',
    'Look at a target once, now, and draw what happened. Also: --method, --header, --body, --timeout, --set, --config FILE --monitor NAME. Exit code 0 (up or degraded), 1 (down), 3 (unknown), 2 (bad arguments or configuration), 130 (interrupted).',
  ],
  [
    'rules',
    'check|test|backtest [FILE…]',
    'Check rule files, run their unit tests, or play rules over stored history before they wake anyone. Also: --config FILE, and for backtest --from, --to, --rule NAME, --step, --shipped, --json, --data DIR. Exit code 0 (good), 1 (a rule or a test failed), 2 (bad arguments or file).',
  ],
  [
    'journal',
    'list|explain|replay|discard [ID]',
    'What waits for ClickHouse, and what it refused: show it, send it back, delete it. Also: --all, --yes, --json, --data DIR. Exit code 0 (done), 1 (failed), 2 (bad arguments).',
  ],
  [
    'backup',
    'TARGET [--incremental]',
    'Back up everything that must survive into a folder, while Tocsin runs or not; backup list TARGET shows what is there. Also: --config FILE, --data DIR, --clickhouse-disk NAME, --json. Exit code 0 (done), 1 (no backup was made), 2 (bad arguments or configuration).',
  ],
  [
    'restore',
    'TARGET [--name NAME]',
    'Bring a backup into an empty data folder, after holding every file against its checksum. Also: --dry-run, --config FILE, --config-to DIR, --data DIR. Exit code 0 (restored), 1 (not restored), 2 (bad arguments or configuration).',
  ],
  [
    'import',
    'gatus|blackbox|uptime-kuma FILE',
    'Write our YAML for the monitors of another tool, and list what could not be translated. For blackbox: --targets prometheus.yml. Exit code 0 (written), 2 (bad arguments, or a file that is something else).',
  ],
  [
    'deploy',
    'mark SERVICE VERSION',
    'Tell that a version was deployed, through the console; charts show it, and alerts that begin soon after name it. Also: --env NAME, --url URL, --note TEXT, --console URL. Exit code 0 (marked), 1 (the console did not take it), 2 (bad arguments).',
  ],
  [
    'key',
    'NAME',
    'Make a key with which a sender is let in at the collector, and the lines for the configuration. Also: --role ROLE for a token of alerting, with --console of the console. Exit code 0 or 2 (bad arguments).',
  ],
  [
    'password',
    'NAME [--role viewer|editor|admin]',
    'Ask for a password and print the lines with which somebody signs in to the console. Exit code 0 or 2 (bad arguments, or too short).',
  ],
  [
    'demo',
    '',
    'Start Tocsin with a shop, break it, show the page arriving, repair it (npm run demo). Exit code 0 (told), 1 (failed), 130 (interrupted).',
  ],
  [
    'install-service',
    '[--split] [--print]',
    'Write hardened systemd units (one for everything, or with --split one for each service) and start them. Also: --no-start, --dir DIR, --config FILE. Exit code 0 (done), 1 (not written or not started), 2 (bad arguments or configuration).',
  ],
  ['help', '', 'Show this.'],
  ['version', '', 'Show the version.'],
];

/** The text of `help`. */
export function formatHelp() {
  const shown = COMMANDS.map(([name, args, text]) => [`  npx tocsin ${name} ${args}`.trimEnd(), text]);
  const width = Math.max(...shown.map(([usage]) => usage.length));
  return [
    'Tocsin: observability and uptime monitoring.',
    '',
    ...shown.map(([usage, text]) => `${usage.padEnd(width)}  ${text}`),
    '',
    'Environment: TOCSIN_CONFIG and TOCSIN_DATA stand for --config and --data; TOCSIN_LOG_LEVEL (info), TOCSIN_LOG_FORMAT=json.',
    'Defaults: ./tocsin.yaml if there is one, and ./data.',
    '',
  ].join('\n');
}
