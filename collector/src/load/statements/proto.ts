/*
 * The parts of OTLP's messages that every signal shares, as a schema for ClickHouse. Names are OTLP's, numbers are
 * what counts on the wire (opentelemetry-proto, common/v1/common.proto and resource/v1/resource.proto). Fields that
 * are not stored are left out: ClickHouse skips them.
 * An attribute's value is read as the bytes that it is (`map<string,string>` has the same form on the wire as a list of
 * `KeyValue`, and ClickHouse reads it straight into a map): a third faster than a tuple of every kind of value, and it ends the
 * recursion of arrays and maps, which never reach the journal as such (they were written as text at the door).
 * Booleans are read as numbers, and numbers of 32 bits as 64: ClickHouse refuses a message with more in them, where protobuf's rule is
 * to cut it off.
 */
export const COMMON_PROTO = `syntax="proto3";
message Resource{map<string,string> attributes=1;}
message InstrumentationScope{string name=1;string version=2;map<string,string> attributes=3;uint64 dropped_attributes_count=4;}
`;

/** The ClickHouse type of a list of attributes: from key to the bytes of the `AnyValue`. */
export const ATTRIBUTES_TYPE = 'Map(LowCardinality(String),String)';
