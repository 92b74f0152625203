/*
 * The parts of OTLP's messages that every signal shares, as a schema for ClickHouse. Names are OTLP's, numbers are
 * what counts on the wire (opentelemetry-proto, common/v1/common.proto and resource/v1/resource.proto). Fields that
 * are not stored are left out: ClickHouse skips them.
 * Arrays, maps and bytes never reach the journal as such (they were written as text at the door); declared as `bytes`
 * they end a recursion ClickHouse could not express. Booleans are read as numbers, and numbers of 32 bits as 64: ClickHouse refuses
 * a message with more in them, where protobuf's rule is to cut it off.
 */
export const COMMON_PROTO = `syntax="proto3";
message AnyValue{oneof value{string string_value=1;uint64 bool_value=2;int64 int_value=3;double double_value=4;bytes array_value=5;bytes kvlist_value=6;bytes bytes_value=7;}}
message KeyValue{string key=1;AnyValue value=2;}
message Resource{repeated KeyValue attributes=1;}
message InstrumentationScope{string name=1;string version=2;repeated KeyValue attributes=3;uint64 dropped_attributes_count=4;}
`;

/**
 * The ClickHouse type of an `AnyValue`. The element named after the `oneof` says which one was sent, and so tells an
 * absent value from `0`, `''` and `false` (`input_format_protobuf_oneof_presence`).
 */
export const ANY_VALUE_TYPE =
  "Tuple(value Enum8('none'=0,'string_value'=1,'bool_value'=2,'int_value'=3,'double_value'=4," +
  "'array_value'=5,'kvlist_value'=6,'bytes_value'=7)," +
  'string_value String,bool_value UInt64,int_value Int64,double_value Float64)';

/** The ClickHouse type of a list of attributes. */
export const ATTRIBUTES_TYPE = `Array(Tuple(key String,value ${ANY_VALUE_TYPE}))`;
