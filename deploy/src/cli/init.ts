import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';

/**
 * What a new tocsin.yaml says. Lines that begin with `##` are for people; those with `# ` are settings to be switched on, and the file stays a good one
 * whichever of them are (a test does so with all of them).
 */
export const STARTING_CONFIGURATION = `## Tocsin's configuration. Everything here has a default: an empty file is a good one.
## Lines with one # are examples: take '# ' away. Reference: docs/configuration.md. Changes are taken up at once; what is wrong with
## the file is said by   npx tocsin check-config tocsin.yaml
## A secret is best taken from the environment, as \${SLACK_WEBHOOK_URL}, or from a file, as \${file:secrets/slack}.

## ── What is watched ────────────────────────────────────────────────────────────────────────────────────────────────
monitors:
  - name: tocsin
    http: http://127.0.0.1:7600/healthz
    interval: 30s
    expect: { status: 2xx, latency: 1s }

#   - name: shop
#     http: https://shop.example.com/health
#     interval: 30s
#     confirm: { failures: 2, within: 30s, retry_after: 5s }
#     expect: { status: 200, body_contains: ok, certificate_days: 14 }
#   - name: mail
#     tcp: mail.example.com:25
#     interval: 1m
#   - name: nightly-backup
#     heartbeat: \${BACKUP_TOKEN:-0123456789abcdef0123456789abcdef}
#     cron: 0 3 * * *
#     grace: 30m
#     timezone: Europe/Berlin

## ── Who is told, and how ───────────────────────────────────────────────────────────────────────────────────────────
## Alertmanager's shape. Without a route alerts are shown in the console and nobody is told.
# alerting:
#   global:
#     smtp_smarthost: mail.example.com:587
#     smtp_from: tocsin@example.com
#   route:
#     receiver: team
#     group_by: [alertname, monitor, service]
#     group_wait: 10s
#   receivers:
#     - name: team
#       email_configs: [{ to: oncall@example.com }]
#       slack_configs: [{ api_url: '\${SLACK_WEBHOOK_URL:-https://hooks.slack.com/services/T0/B0/x}' }]

## ── What the public sees: nothing that is not named here ───────────────────────────────────────────────────────────
# status_page:
#   name: Example Shop
#   monitors: [{ monitor: shop, name: Web shop }]

## ── Rules of your own, beside those that come with Tocsin ──────────────────────────────────────────────────────────
# rule_files: [rules/*.yaml]

## ── How long telemetry is kept ─────────────────────────────────────────────────────────────────────────────────────
# collector:
#   retention: { traces: 7d, logs: 7d, metrics: 30d }

## ── A ClickHouse of your own in the place of the embedded one ──────────────────────────────────────────────────────
# clickhouse:
#   url: https://clickhouse.example.com:8443
#   user: tocsin
#   password: \${CLICKHOUSE_PASSWORD:-}
`;

const USAGE = 'Usage: npx tocsin init [FILE]     (default tocsin.yaml)\n';

/** `init [FILE]`: writes a commented starting configuration; one that is there stays as it is. @returns the exit code: 0, 1 not written, 2 bad usage */
export function init(host: NodeJS.Process, args: readonly string[]): number {
  const [file = 'tocsin.yaml', ...more] = args;
  if (more.length > 0 || file.startsWith('-')) {
    host.stderr.write(USAGE);
    return EXIT.badConfiguration;
  }
  const path = resolve(host.cwd(), file);
  const shown = relative(host.cwd(), path) || file;
  try {
    writeFileSync(path, STARTING_CONFIGURATION, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    host.stderr.write(code === 'EEXIST' ? `${shown} is there already; it was not changed.\n` : `${message}\n`);
    return EXIT.failed;
  }
  host.stdout.write(`${shown} is written. Next: npx tocsin up${file === 'tocsin.yaml' ? '' : ` --config ${shown}`}\n`);
  return EXIT.stopped;
}
