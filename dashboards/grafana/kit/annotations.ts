import { AnnotationQueryBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { clickhouseQuery, DATASOURCE } from './clickhouse-query.ts';
import { readSql } from './read-sql.ts';

/** Which services and alerts a dashboard is about, as conditions. */
export interface AnnotationScope {
  /** On `ServiceName` of what was deployed. */
  readonly deployed?: string;
  /** On `LogAttributes` of an incident's history. */
  readonly alerted?: string;
}

const APPLICATIONS = "NOT startsWith(ServiceName, 'tocsin-')";

/** Marks of what happened: deployments, and incidents from their beginning to their end. */
export function annotate(
  builder: DashboardBuilder,
  { deployed = APPLICATIONS, alerted = '1 = 1' }: AnnotationScope = {},
) {
  const mark = (name: string, iconColor: string, sql: string): AnnotationQueryBuilder =>
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor(iconColor)
      .target(clickhouseQuery(sql, 'table', name));
  return builder
    .annotation(mark('Deployments', 'blue', readSql('annotations/deployments', { deployed })))
    .annotation(mark('Incidents', 'red', readSql('annotations/incidents', { alerted })));
}
