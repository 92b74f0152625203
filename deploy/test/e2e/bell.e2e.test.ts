import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familyOf, killAtOnce } from './process-family.ts';
import { setStage, type Stage } from './stage.ts';

/*
 * The whole story with nothing simulated but the far ends: the shop is a process with the real SDK, Tocsin is started as
 * `npm start` does, SMTP and Slack are local servers that speak the real protocols. The tests are one story, in order.
 */

let stage: Stage;
let visits: { readonly fromMs: number; readonly toMs: number };

beforeAll(async () => {
  stage = await setStage();
  const fromMs = Date.now();
  for (const product of ['bell', 'rope', 'wheel', 'bell', 'rope', 'bell']) await stage.shop.visit(product);
  visits = { fromMs, toMs: Date.now() };
});

afterAll(() => stage?.stop());

/** What a page of the console is made of. */
const fromConsole = async (path: string): Promise<string> =>
  (await fetch(`${stage.tocsin.endpoints['console.http'] ?? ''}/api/v1/${path}`)).text();
const mailsAbout = (alert: string, status: 'FIRING' | 'RESOLVED') =>
  stage.mailbox.mails.filter(({ subject }) => subject.includes(status) && subject.includes(alert));
const slackAbout = (alert: string, status: 'FIRING' | 'RESOLVED') =>
  stage.slack.messages.filter(({ text }) => text.includes(status) && text.includes(alert));

describe('from an app’s telemetry to a page', () => {
  it('finds a server span for each request of the shop, once, with its time, route and status', async () => {
    await stage.eventually(
      `SELECT 1 FROM otel_traces WHERE ServiceName = 'shop' HAVING countIf(SpanKind = 'Server') >= 18`,
    );
    const found = await stage.rows<Record<string, unknown>>(`
      SELECT SpanAttributes['http.route'] AS Route, count() AS Spans, uniqExact(SpanId) AS Distinct,
        groupUniqArray(SpanAttributes['http.response.status_code']) AS Statuses, groupUniqArray(toString(StatusCode)) AS Codes,
        groupUniqArray(ResourceAttributes['service.name']) AS Services
      FROM otel_traces WHERE ServiceName = 'shop' AND SpanKind = 'Server' GROUP BY Route ORDER BY Route`);
    const all = { Spans: 6, Distinct: 6, Statuses: ['200'], Codes: ['Unset'], Services: ['shop'] };
    expect(found).toEqual([
      { Route: '/checkout', ...all },
      { Route: '/products', ...all },
      { Route: '/warehouse/:product', ...all },
    ]);
    const [times] = await stage.rows<{ fromMs: number; toMs: number; shortestMs: number }>(`
      SELECT toUnixTimestamp64Nano(min(Timestamp)) / 1e6 AS fromMs, max(toUnixTimestamp64Nano(Timestamp) + Duration) / 1e6 AS toMs,
        minIf(Duration, SpanAttributes['http.route'] = '/warehouse/:product') / 1e6 AS shortestMs
      FROM otel_traces WHERE ServiceName = 'shop' AND SpanKind = 'Server'`);
    // The SDK's clock runs on from where its process began: it drifts by milliseconds from the clock of this one.
    expect(times?.fromMs).toBeGreaterThan(visits.fromMs - 1_000);
    expect(times?.toMs).toBeLessThan(visits.toMs + 1_000);
    expect(times?.shortestMs, 'the warehouse waits 2 ms, and a timer may come early').toBeGreaterThan(0.5);
  });

  it('finds the way of each checkout: its server span, the call it makes, the warehouse’s server span', async () => {
    const [joined] = await stage.rows<{ ways: number }>(`
      SELECT uniqExact(checkout.TraceId) AS ways
      FROM otel_traces AS warehouse
      JOIN otel_traces AS call ON warehouse.TraceId = call.TraceId AND warehouse.ParentSpanId = call.SpanId
      JOIN otel_traces AS checkout ON call.TraceId = checkout.TraceId
      WHERE warehouse.SpanKind = 'Server' AND warehouse.SpanAttributes['http.route'] = '/warehouse/:product'
        AND call.SpanKind = 'Client' AND checkout.SpanKind = 'Server' AND checkout.ParentSpanId = ''
        AND checkout.SpanAttributes['http.route'] = '/checkout' AND match(checkout.TraceId, '^[0-9a-f]{32}$')`);
    expect(joined?.ways).toBe(6);
  });

  it('finds its counter, up-down counter, gauge and histogram with the values the shop counted', async () => {
    const newest = (table: string, metric: string, value = 'Value'): string => `
      SELECT Attributes['product'] AS product, argMax(${value}, TimeUnix) AS newest FROM ${table}
      WHERE ServiceName = 'shop' AND MetricName = '${metric}' GROUP BY product ORDER BY product`;
    const ordered = (newestOrders: string): string =>
      `SELECT 1 FROM (${newestOrders}) HAVING sum(newest) = 6 AND count() = 3`;
    await stage.eventually(ordered(newest('otel_metrics_sum', 'shop.orders')));
    await stage.eventually(ordered(newest('otel_metrics_histogram', 'shop.checkout.duration', 'Count')));
    await stage.eventually(`SELECT 1 FROM otel_metrics_gauge WHERE MetricName = 'shop.stock' AND Value = 999997`);
    expect(await stage.rows(newest('otel_metrics_sum', 'shop.orders'))).toEqual([
      { product: 'bell', newest: 3 },
      { product: 'rope', newest: 2 },
      { product: 'wheel', newest: 1 },
    ]);
    expect(await stage.rows(newest('otel_metrics_gauge', 'shop.stock'))).toEqual([
      { product: 'bell', newest: 999_997 },
      { product: 'rope', newest: 999_998 },
      { product: 'wheel', newest: 999_999 },
    ]);
    expect(await stage.rows(newest('otel_metrics_sum', 'shop.checkout.active'))).toEqual([{ product: '', newest: 0 }]);
    const sums = await stage.rows(`
      SELECT DISTINCT MetricName, MetricUnit, IsMonotonic, AggregationTemporality AS Temporality FROM otel_metrics_sum
      WHERE ServiceName = 'shop' AND startsWith(MetricName, 'shop.') ORDER BY MetricName`);
    expect(sums).toEqual([
      { MetricName: 'shop.checkout.active', MetricUnit: '{order}', IsMonotonic: false, Temporality: 2 },
      { MetricName: 'shop.orders', MetricUnit: '{order}', IsMonotonic: true, Temporality: 2 },
    ]);
    const durations = await stage.rows<{ Buckets: number; Count: number; Sum: number }>(`
      SELECT arraySum(BucketCounts) AS Buckets, Count, Sum FROM otel_metrics_histogram
      WHERE ServiceName = 'shop' AND MetricName = 'shop.checkout.duration'`);
    for (const { Buckets, Count, Sum } of durations) {
      expect(Buckets).toBe(Count);
      expect(Sum).toBeGreaterThan(0.002 * Count);
      expect(Sum).toBeLessThan((visits.toMs - visits.fromMs) / 1_000);
    }
  });

  it('finds a log record for each sale, joined to the span it was written in', async () => {
    await stage.eventually(`SELECT 1 FROM otel_logs WHERE ServiceName = 'shop' HAVING count() >= 6`);
    const records = await stage.rows(`
      SELECT log.Body AS Body, count() AS Records, groupUniqArray((log.SeverityText, log.SeverityNumber)) AS Severity,
        groupUniqArray(log.LogAttributes['shop.product']) AS Products
      FROM otel_logs AS log JOIN otel_traces AS span ON span.TraceId = log.TraceId AND span.SpanId = log.SpanId
      WHERE log.ServiceName = 'shop' AND span.ServiceName = 'shop' GROUP BY Body ORDER BY Body`);
    expect(records).toEqual([
      { Body: 'sold 1 of bell', Records: 3, Severity: [['INFO', 9]], Products: ['bell'] },
      { Body: 'sold 1 of rope', Records: 2, Severity: [['INFO', 9]], Products: ['rope'] },
      { Body: 'sold 1 of wheel', Records: 1, Severity: [['INFO', 9]], Products: ['wheel'] },
    ]);
  });

  it('watches the shop after a reload brought the monitor, and shows that it passes in the console', async () => {
    stage.openDoors();
    await stage.watchShop();
    await stage.eventually(
      `SELECT 1 FROM otel_metrics_gauge WHERE MetricName = 'tocsin.probe.up' AND Attributes['tocsin.monitor.name'] = 'shop' AND Value = 1`,
    );
    await expect
      .poll(async () => JSON.parse(await fromConsole('overview')), { timeout: 60_000 })
      .toMatchObject({ monitors: { value: [{ name: 'shop', state: 'up' }] } });
  });

  it('sends its own traces and metrics through itself, every service', async () => {
    const services = (source: string): string =>
      `SELECT ServiceName FROM ${source} WHERE startsWith(ServiceName, 'tocsin-') GROUP BY ServiceName ORDER BY ServiceName`;
    for (const table of ['otel_traces', 'otel_metrics_sum', 'otel_metrics_gauge']) {
      await stage.eventually(`SELECT 1 FROM (${services(table)}) HAVING count() >= 5`, 120_000);
      expect(await stage.rows(services(table)), table).toEqual(
        ['alerting', 'checker', 'clickhouse', 'collector', 'dashboards'].map((name) => ({
          ServiceName: `tocsin-${name}`,
        })),
      );
    }
  });

  it('rings by e-mail and in Slack, within half a minute of the first failed probe', async () => {
    await stage.shop.breakDown();
    const failed = await stage.eventually<{ TraceId: string; SpanId: string; AtMs: number; Reason: string }>(`
      SELECT TraceId, SpanId, toUnixTimestamp64Milli(Timestamp) AS AtMs, SpanAttributes['tocsin.probe.reason'] AS Reason
      FROM otel_traces
      WHERE ServiceName = 'tocsin-checker' AND SpanAttributes['tocsin.probe.outcome'] = 'down' ORDER BY Timestamp LIMIT 1`);
    expect(failed.Reason).toBe('status_mismatch');
    await stage.until(() => mailsAbout('MonitorDown', 'FIRING').length > 0, 'an e-mail about MonitorDown', 60_000);
    await stage.until(() => slackAbout('MonitorDown', 'FIRING').length > 0, 'a Slack message about it', 60_000);
    const [mail] = mailsAbout('MonitorDown', 'FIRING');
    const [message] = slackAbout('MonitorDown', 'FIRING');
    // About 10 s of it are by the clocks of probe, rule and group; the rest is for a busy machine.
    for (const { receivedAtMs = Infinity } of [mail ?? {}, message ?? {}])
      expect(receivedAtMs - failed.AtMs).toBeLessThan(30_000);
    expect(mail?.to).toEqual(['team@example.com']);
    for (const text of [mail?.text, mail?.html, message?.text]) {
      expect(text).toContain('shop');
      expect(text).toContain('503');
    }
    const server = await stage.eventually<{ Status: string; Parent: string }>(`
      SELECT SpanAttributes['http.response.status_code'] AS Status, ParentSpanId AS Parent FROM otel_traces
      WHERE TraceId = '${failed.TraceId}' AND ServiceName = 'shop' AND SpanKind = 'Server'`);
    expect(server).toEqual({ Status: '503', Parent: failed.SpanId });
  });

  it('links from the e-mail to the trace of a failed probe, with the shop’s span in it, and shows the alert', async () => {
    const [, id = 'no-link'] = /\/trace\/([0-9a-f]{32})/.exec(mailsAbout('MonitorDown', 'FIRING')[0]?.text ?? '') ?? [];
    const trace = await fromConsole(`traces/${id}`);
    for (const words of ['probe shop', '/health', 'tocsin-checker', '503']) expect(trace).toContain(words);
    const shown = { monitors: { value: [{ name: 'shop', state: 'down' }] }, alerts: { value: expect.anything() } };
    await expect.poll(async () => JSON.parse(await fromConsole('overview')), { timeout: 60_000 }).toMatchObject(shown);
    expect(await fromConsole('overview')).toContain('MonitorDown');
  });

  it('rings for the rule of the user’s own over the app’s telemetry', async () => {
    await stage.until(
      () => mailsAbout('CheckoutErrors', 'FIRING').length > 0,
      'an e-mail about CheckoutErrors',
      60_000,
    );
    await stage.until(() => slackAbout('CheckoutErrors', 'FIRING').length > 0, 'a Slack message about it', 60_000);
    expect(mailsAbout('CheckoutErrors', 'FIRING')[0]?.text).toMatch(/shop: \d+(\.\d+)?% of requests fail/);
  });

  it('tells of the recovery though every process was killed in between', async () => {
    const gone = once(stage.tocsin.child, 'exit');
    const family = await familyOf(stage.tocsin.child.pid ?? 0);
    for (const part of ['cli', 'clickhouse', 'collector', 'checker', 'alerting', 'dashboards'])
      expect(family.filter(({ command }) => command.includes(`${part}/`) && command.includes('main.ts'))).not.toEqual(
        [],
      );
    await killAtOnce(family);
    await gone;
    expect(mailsAbout('', 'RESOLVED')).toEqual([]);
    await stage.shop.repair();
    await stage.startAgain();
    for (const alert of ['MonitorDown', 'CheckoutErrors']) {
      await stage.until(() => mailsAbout(alert, 'RESOLVED').length > 0, `an e-mail: ${alert} is resolved`, 60_000);
      await stage.until(
        () => slackAbout(alert, 'RESOLVED').length > 0,
        `a Slack message: ${alert} is resolved`,
        60_000,
      );
    }
  });

  it('said everything once, and nothing else', async () => {
    await sleep(8_000);
    const said = [
      '[FIRING:1] CheckoutErrors',
      '[FIRING:1] MonitorDown',
      '[RESOLVED] CheckoutErrors',
      '[RESOLVED] MonitorDown',
    ];
    const output = stage.tocsin.output();
    expect(stage.mailbox.mails.map(({ subject }) => subject).sort(), output).toEqual(
      said.map((title) => `${title} (shop)`),
    );
    expect(stage.slack.messages.map(({ body }) => body['text']).sort(), output).toEqual(
      said.map((title) => `*${title} (shop)*`),
    );
  });

  it('has every span once, also those around the kill', async () => {
    const [counts] = await stage.rows<{ spans: number; distinct: number }>(
      `SELECT count() AS spans, uniqExact(TraceId, SpanId) AS distinct FROM otel_traces`,
    );
    expect(counts?.spans).toBeGreaterThan(50);
    expect(counts?.distinct).toBe(counts?.spans);
  });

  it('drains and exits with 0 within 10 s on Ctrl-C', async () => {
    const startedAtMs = Date.now();
    expect(await stage.tocsin.stop(), stage.tocsin.output()).toBe(0);
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
  });
});
