import type { TocsinConfig } from '@tocsin/service/config';

/** A cluster of ClickHouse servers, and the database on it. Both names are plain: the configuration sees to that. */
export interface Cluster {
  readonly name: string;
  readonly database: string;
}

/** The configured cluster, if there is one. */
export function clusterOf({ clickhouse }: TocsinConfig): Cluster | undefined {
  const { cluster: name, database } = clickhouse;
  return name === undefined ? undefined : { name, database };
}

/** The name of the table that holds a shard's rows, under the Distributed table of the public name. */
export function localName(table: string): string {
  return `${table}_local`;
}

/** The table that holds the rows, as a statement names it: `otel_traces`, on a cluster `otel_traces_local ON CLUSTER 'main'`. */
export function storedTable(table: string, cluster: Cluster | undefined): string {
  return cluster ? `${localName(table)} ${onCluster(cluster)}` : table;
}

/** `ON CLUSTER 'main'` */
export function onCluster({ name }: Cluster): string {
  return `ON CLUSTER '${name}'`;
}

/** A system table of this server, or of every host of the cluster that answers. */
export function systemTable(table: string, cluster: Cluster | undefined): string {
  return cluster ? `clusterAllReplicas('${cluster.name}', system.${table})` : `system.${table}`;
}

/** The database as an expression; on other hosts `currentDatabase()` would be theirs. */
export function databaseExpression(cluster: Cluster | undefined): string {
  return cluster ? `'${cluster.database}'` : 'currentDatabase()';
}

/**
 * The arguments of a Replicated engine. The path is written out: with `{uuid}`, a host that joins later would make a table of its own that
 * replicates with nobody.
 */
export function replicaArguments({ name, database }: Cluster, table: string): string {
  return `'/clickhouse/tables/${name}/{shard}/${database}/${table}', '{replica}'`;
}

/** The same for a table of which every host of the cluster, whatever its shard, has all rows. */
export function replicaArgumentsEverywhere({ name, database }: Cluster, table: string): string {
  return `'/clickhouse/tables/${name}/all/${database}/${table}', '{shard}-{replica}'`;
}
