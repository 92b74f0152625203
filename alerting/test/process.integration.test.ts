import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MailServer, startMailServer } from './channels/mail-server.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let folder: string;
let clickhouse: TestClickHouse;
let mailbox: MailServer;
let slack: Server;
const slackTitles: string[] = [];
const processes: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-alerting-'));
  clickhouse = await startTestClickHouse();
  mailbox = await startMailServer();
  slack = createServer((request, response) => {
    void Array.fromAsync(request).then((chunks) => {
      const { text } = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as { text: string };
      slackTitles.push(text);
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => {
    slack.listen(0, '127.0.0.1', resolve);
  });
  writeFileSync(join(folder, 'rules.yaml'), RULES);
  writeFileSync(join(folder, 'tocsin.yaml'), configuration());
});

afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL');
  slack.closeAllConnections();
  await new Promise((resolve) => {
    slack.close(resolve);
  });
  await mailbox.stop();
  await clickhouse.stop();
  rmSync(folder, { recursive: true });
});

const RULES = `
groups:
  - name: shop
    interval: 500ms
    rules:
      - alert: ShopBroken
        sql: SELECT shop, max(share) AS value FROM trouble FINAL GROUP BY shop HAVING value > 0.05
        labels: { severity: page }
        annotations: { summary: '{{ $labels.shop }}: {{ $value | humanizePercentage }} fail' }
`;

const configuration = (): string => `
clickhouse: { url: "${clickhouse.url}" }
rule_files: [rules.yaml]
shipped_rules: false
alerting:
  http: 127.0.0.1:0
  global: { smtp_smarthost: "127.0.0.1:${mailbox.port}", smtp_from: tocsin@example.com }
  route: { receiver: team, group_by: [alertname], group_wait: 200ms, group_interval: 1s }
  receivers:
    - name: team
      email_configs: [{ to: team@example.com }]
      slack_configs: [{ api_url: "http://127.0.0.1:${(slack.address() as AddressInfo).port}/hook", channel: "#ops" }]
`;

async function startAlerting(): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(
    MAIN,
    ['--config', join(folder, 'tocsin.yaml'), '--data', join(folder, 'data'), '--listen', 'collector.http=127.0.0.1:9'],
    { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  processes.push(child);
  const [message] = (await once(child, 'message')) as [{ listening: Record<string, string> }];
  return { child, url: message.listening['alerting.http'] ?? '' };
}

async function eventually(check: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await new Promise((resolve) => setTimeout(resolve, 50)))
    if (await check()) return;
  throw new Error('it did not happen in time');
}

test('what a rule finds is told by mail and Slack once, and its end is told though alerting was killed meanwhile', async () => {
  const client = clickhouse.client();
  await client.command({
    query: 'CREATE TABLE trouble (shop String, share Float64) ENGINE = ReplacingMergeTree ORDER BY shop',
  });
  const report = (share: number) =>
    client.insert({ table: 'trouble', values: [{ shop: 'books', share }], format: 'JSONEachRow' });
  const subjects = () => mailbox.mails.map(({ mail }) => mail.subject);

  const first = await startAlerting();
  await report(0.37);
  await eventually(() => mailbox.mails.length === 1 && slackTitles.length === 1);
  expect(subjects()).toEqual(['[FIRING:1] ShopBroken (books)']);
  expect(mailbox.mails[0]?.mail.text).toContain('books: 37% fail');
  const shown = (await (await fetch(`${first.url}/api/v2/alerts`)).json()) as unknown[];
  expect(shown).toMatchObject([{ labels: { alertname: 'ShopBroken', shop: 'books', severity: 'page' } }]);

  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  await report(0);
  const second = await startAlerting();
  await eventually(() => mailbox.mails.length === 2 && slackTitles.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(subjects()).toEqual(['[FIRING:1] ShopBroken (books)', '[RESOLVED] ShopBroken (books)']);
  expect(slackTitles).toEqual(['*[FIRING:1] ShopBroken (books)*', '*[RESOLVED] ShopBroken (books)*']);
  expect(mailbox.mails[1]?.mail.inReplyTo).toBe(mailbox.mails[0]?.mail.messageId);

  second.child.kill('SIGTERM');
  expect(await once(second.child, 'exit')).toEqual([0, null]);
});
