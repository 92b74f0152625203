import type { QueryRequest } from './request.ts';
import type { ServerIdentity } from './respond.ts';

/** The one statement that clickhouse-go sends by itself, on each new connection, before any other. */
const HELLO = 'SELECT displayName(), version(), revision(), timezone()';
/** From this revision on, each column of a Native block tells whether its serialization is a custom one. */
const REVISION_WITH_CUSTOM_SERIALIZATION = 54454;
/** "Read the blocks that follow as plain `FORMAT Native`": what the engine writes. */
const REPORTED_REVISION = 0;

/**
 * The answer to clickhouse-go's first statement, or `undefined` for every other request.
 *
 * That driver (Grafana's ClickHouse data source is built on it) sends `client_protocol_version=54460` in the URL of every
 * request, and reads the answer to this statement at that revision: blocks with a head, columns with one more byte. The later
 * ones it reads at the revision that this answer reports. The engine in process writes blocks without either, so the answer
 * is made here, and reports revision 0.
 *
 * Source: clickhouse-go v2.50.0, `conn_http.go` (`dialHttp`, `queryHello`) and `lib/proto/block.go` (`Decode`).
 */
export function answerNativeHello(
  { clientProtocolVersion, defaultFormat }: QueryRequest,
  statement: string,
  identity: ServerIdentity,
): Buffer | undefined {
  if (clientProtocolVersion === undefined || clientProtocolVersion < REVISION_WITH_CUSTOM_SERIALIZATION)
    return undefined;
  if (defaultFormat !== 'Native' || statement.trim().replace(/\s+/g, ' ') !== HELLO) return undefined;
  const revision = Buffer.alloc(4);
  revision.writeUInt32LE(REPORTED_REVISION);
  const columns = [
    encodeColumn('displayName()', 'String', encodeString(identity.displayName)),
    encodeColumn('version()', 'String', encodeString(identity.version)),
    encodeColumn('revision()', 'UInt32', revision),
    encodeColumn('timezone()', 'String', encodeString(identity.timezone)),
  ];
  return Buffer.concat([encodeBlockInfo(), encodeVarUInt(columns.length), encodeVarUInt(1), ...columns]);
}

/** Field 1, `is_overflows`: no. Field 2, `bucket_num`: -1, none. Field 0: the end. */
function encodeBlockInfo(): Buffer {
  return Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
}

/** A column of one row; the byte before its data says that the serialization is no custom one. */
function encodeColumn(name: string, type: string, data: Buffer): Buffer {
  return Buffer.concat([encodeString(name), encodeString(type), Buffer.from([0]), data]);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([encodeVarUInt(bytes.length), bytes]);
}

/** Seven bits a byte, the low ones first; the eighth bit says that more follow. */
function encodeVarUInt(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
