import type { BackupPlace } from './job.ts';

/** What a statement is about. */
export interface StatementParts {
  readonly place: BackupPlace;
  readonly base: BackupPlace | undefined;
  readonly cluster: string | undefined;
}

/** The BACKUP of a database, which goes on by itself once it has begun. */
export function backupStatement(database: string, parts: StatementParts): string {
  return `BACKUP DATABASE ${identifier(database)}${onCluster(parts)} TO ${placeOf(parts.place)}${settings(parts)}`;
}

/** The RESTORE of a database, under another name where that is wanted. */
export function restoreStatement(database: string, into: string, parts: StatementParts): string {
  const renamed = into === database ? '' : ` AS ${identifier(into)}`;
  return `RESTORE DATABASE ${identifier(database)}${renamed}${onCluster(parts)} FROM ${placeOf(parts.place)}${settings(parts)}`;
}

function onCluster({ cluster }: StatementParts): string {
  return cluster === undefined ? '' : ` ON CLUSTER ${identifier(cluster)}`;
}

/** The keys of S3 are not written into the backup: whoever reads it brings his own, for all backups of a chain. */
function settings({ place, base }: StatementParts): string {
  const based = base ? [`base_backup = ${placeOf(base)}`] : [];
  const keyless = place.kind === 's3' ? ['use_same_s3_credentials_for_base_backup = 1'] : [];
  return ` SETTINGS ${[...based, ...keyless, 'async = 1'].join(', ')}`;
}

function placeOf(place: BackupPlace): string {
  switch (place.kind) {
    case 'file':
      return `File(${text(place.path)})`;
    case 'disk':
      return `Disk(${text(place.disk)}, ${text(place.path)})`;
    case 's3':
      return `S3(${[place.url, place.accessKeyId, place.secretAccessKey].map(text).join(', ')})`;
  }
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
