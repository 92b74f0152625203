/**
 * The HTTP status ClickHouse's server gives an error code (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp); numbers as `errorCodeToName` of
 * the engine names them.
 */
const STATUS: ReadonlyMap<number, number> = new Map(
  (
    [
      // REQUIRED_PASSWORD
      [401, [194]],
      // UNKNOWN_USER, WRONG_PASSWORD, AUTHENTICATION_FAILED, SET_NON_GRANTED_ROLE, ACCESS_DENIED
      [403, [192, 193, 516, 512, 497]],
      // BAD_ARGUMENTS, CANNOT_COMPILE_REGEXP, SYNTAX_ERROR, INCORRECT_DATA, TYPE_MISMATCH, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
      [400, [36, 427, 62, 117, 53, 321]],
      // CANNOT_PARSE_…: TEXT, ESCAPE_SEQUENCE, QUOTED_STRING, DATE, DATETIME, NUMBER, DOMAIN_VALUE, IPV4, IPV6, INPUT_ASSERTION, UUID
      [400, [6, 25, 26, 38, 41, 72, 441, 675, 676, 27, 376]],
      // DUPLICATE_COLUMN, ILLEGAL_COLUMN, THERE_IS_NO_COLUMN; UNKNOWN_ELEMENT_IN_AST, UNKNOWN_TYPE_OF_AST_NODE, TOO_DEEP_AST, TOO_BIG_AST,
      // UNEXPECTED_AST_STRUCTURE
      [400, [15, 44, 8, 37, 123, 167, 168, 223]],
      // UNKNOWN_…: TABLE, FUNCTION, IDENTIFIER, TYPE, STORAGE, DATABASE, SETTING, DIRECTION_OF_SORTING, AGGREGATE_FUNCTION, FORMAT,
      // DATABASE_ENGINE, TYPE_OF_QUERY, ROLE
      [404, [60, 46, 47, 50, 56, 81, 115, 152, 63, 73, 336, 78, 511]],
      // TIMEOUT_EXCEEDED
      [408, [159]],
      // HTTP_LENGTH_REQUIRED
      [411, [381]],
      // QUERY_IS_TOO_LARGE
      [413, [229]],
      // UNSUPPORTED_MEDIA_TYPE
      [415, [779]],
      // NOT_IMPLEMENTED
      [501, [48]],
      // SOCKET_TIMEOUT, CANNOT_OPEN_FILE, CANNOT_SCHEDULE_TASK
      [503, [209, 76, 439]],
    ] as const
  ).flatMap(([status, codes]) => codes.map((code) => [code, status] as const)),
);

/** The HTTP status of an error code. */
export function statusOf(code: number): number {
  return STATUS.get(code) ?? 500;
}
