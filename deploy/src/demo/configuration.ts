/**
 * The smallest configuration that tells the story; ports are left to the system so that a running Tocsin is not disturbed.
 * @param shopUrl where the shop is; without it there is no monitor yet
 */
export function demoConfiguration(smarthost: string, shopUrl?: string): string {
  const monitors =
    shopUrl === undefined
      ? '[]'
      : `\n  - name: shop\n    http: ${shopUrl}/health\n    interval: 5s\n    timeout: 2s\n    expect: { status: 200, body_contains: ok }`;
  return `collector: { http: 0, grpc: 0 }
clickhouse: { http: 0 }
checker: { http: 0 }
console: { http: 0 }
monitors: ${monitors}
rule_files: [rules/*.yaml]
alerting:
  http: 0
  global: { smtp_smarthost: "${smarthost}", smtp_from: tocsin@example.com }
  route:
    receiver: team
    group_by: [alertname, monitor]
    group_wait: 1s
    group_interval: 5s
    # The shipped rule looks at five minutes: it would fire when the shop is long repaired and the story told.
    routes: [{ receiver: nobody, matchers: [alertname="HighErrorRate"] }]
  receivers:
    - name: nobody
    - name: team
      email_configs: [{ to: team@example.com }]
      slack_configs: [{ api_url: "\${SLACK_WEBHOOK_URL}", channel: "#ops" }]
`;
}

/** A rule over the shop's own spans; its window is short, so that the recovery is part of the story. */
export const DEMO_RULES = `groups:
  - name: shop
    interval: 5s
    rules:
      - alert: CheckoutErrors
        sql: |
          SELECT ServiceName AS service, countIf(StatusCode = 'Error') / count() AS value
          FROM otel_traces
          WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 20 SECOND AND Timestamp <= {now:DateTime64(9)}
            AND SpanKind = 'Server' AND ServiceName = 'shop'
          GROUP BY service HAVING value > 0.05
        for: 5s
        labels: { severity: page }
        annotations: { summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of requests fail" }
`;
