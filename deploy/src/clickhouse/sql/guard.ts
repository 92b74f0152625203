import { ClickHouseException } from '../exception.ts';
import type { EngineSession } from '../engine/session.ts';

/**
 * Functions, table functions, table engines, dictionary sources and backup targets that reach files, the network or other programs.
 * Compared in lower case with every function name the engine's own parser finds in a statement.
 */
const REFUSED = new Set(
  [
    'file, fileCluster, s3, s3Cluster, s3Queue, gcs, oss, cosn, hdfs, hdfsCluster, azureBlobStorage, azureBlobStorageCluster, azureQueue',
    'url, urlCluster, urlWithHeaders, remote, remoteSecure, cluster, clusterAllReplicas, distributed',
    'mysql, postgresql, materializedPostgresql, materializedMySQL, mongodb, mongo, redis, sqlite, odbc, jdbc, ytsaurus, arrowflight',
    'iceberg, icebergS3, icebergAzure, icebergHDFS, icebergLocal, icebergCluster, icebergS3Cluster, icebergAzureCluster, icebergHDFSCluster',
    'deltaLake, deltaLakeS3, deltaLakeAzure, deltaLakeLocal, deltaLakeCluster, deltaLakeS3Cluster, deltaLakeAzureCluster',
    'hudi, hudiCluster, paimon, paimonS3, paimonAzure, paimonHDFS, paimonLocal, paimonCluster, paimonS3Cluster, paimonAzureCluster',
    'executable, executablePool, python, kafka, rabbitmq, nats, fileLog, embeddedRocksDB, http, https, clickhouse, disk, cassandra, library',
    'filesystem, overlay, dataLakeCatalog, backup, loop',
    'catboostEvaluate, addressToLine, addressToLineWithInlines, demangle',
  ]
    .join(', ')
    .toLowerCase()
    .split(', '),
);
const FUNCTION_LINE = /^ *Function(?:WithKeyValueArguments)? +(\S+)/gm;
const FILE_TABLE = /^ *TableIdentifier default\./m;
/** `SYSTEM` commands that end the process or stop its work. */
const REFUSED_SYSTEM = new Set(['SHUTDOWN', 'KILL', 'SUSPEND']);
const MAX_CACHED = 1_000;
const MAX_CACHED_LENGTH = 65_536;

/** Refuses statements that reach outside the database. */
export interface Guard {
  /**
   * Judges a statement by its parsed tree (`EXPLAIN AST`, about a millisecond; known texts cost nothing).
   * @param calls functions, in lower case, that stand in an INSERT's data, where the tree does not show them
   * @throws ClickHouseException ACCESS_DENIED, or the engine's own when it cannot parse the text
   */
  check(session: EngineSession, statement: string, calls?: ReadonlySet<string>): Promise<void>;
}

export function createGuard(): Guard {
  const passed = new Set<string>();
  return {
    async check(session, statement, calls = new Set()) {
      const inData = calls.intersection(REFUSED);
      if (inData.size > 0) throw refusal(`the function \`${[...inData].join('`, `')}\` reaches outside the database`);
      if (passed.has(statement)) return;
      const tree = await parse(session, statement);
      const found = [...tree.matchAll(FUNCTION_LINE)].find(
        ([, name]) => name !== undefined && REFUSED.has(name.toLowerCase()),
      );
      if (found?.[1] !== undefined)
        throw refusal(`the function, engine or source \`${found[1]}\` reaches outside the database`);
      if (
        tree.startsWith('SYSTEM query') &&
        statement
          .toUpperCase()
          .split(/\W+/)
          .some((word) => REFUSED_SYSTEM.has(word))
      ) {
        throw refusal('this SYSTEM command would end the server');
      }
      if (FILE_TABLE.test(tree)) throw refusal('the database `default` reaches files');
      // A parameter of type Identifier is part of the tree: another value, another verdict.
      if (statement.length > MAX_CACHED_LENGTH || /:\s*Identifier\b/.test(statement)) return;
      passed.add(statement);
      const [oldest] = passed;
      if (passed.size > MAX_CACHED && oldest !== undefined) passed.delete(oldest);
    },
  };
}

const EXPLAIN = 'EXPLAIN AST ';

/** The statement's tree as text. A syntax error is told with positions in the statement itself. */
async function parse(session: EngineSession, statement: string): Promise<string> {
  try {
    return (await session.run(`${EXPLAIN}${statement}`, 'TSVRaw')).bytes.toString('utf8');
  } catch (error) {
    const { code, message } = ClickHouseException.from(error);
    const shifted = message.replaceAll(
      /( at position |\(line 1, col )(\d+)/g,
      (_all, before: string, position: string) => `${before}${Number(position) - EXPLAIN.length}`,
    );
    throw new ClickHouseException(code, shifted, { cause: error });
  }
}

function refusal(reason: string): ClickHouseException {
  return ClickHouseException.of('ACCESS_DENIED', `Refused by the embedded ClickHouse: ${reason}.`);
}
