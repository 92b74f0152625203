/** The error codes of ClickHouse that this server itself raises (src/Common/ErrorCodes.cpp). */
export const ERROR_CODE = {
  CANNOT_READ_ALL_DATA: 33,
  BAD_ARGUMENTS: 36,
  CHECKSUM_DOESNT_MATCH: 40,
  UNKNOWN_FUNCTION: 46,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_COMPRESSION_METHOD: 89,
  FILE_DOESNT_EXIST: 107,
  TOO_LARGE_SIZE_COMPRESSED: 131,
  READONLY: 164,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: 216,
  ABORTED: 236,
  NOT_ENOUGH_SPACE: 243,
  CANNOT_DECOMPRESS: 271,
  INTO_OUTFILE_NOT_ALLOWED: 358,
  SESSION_NOT_FOUND: 372,
  SESSION_IS_LOCKED: 373,
  INVALID_SESSION_TIMEOUT: 374,
  HTTP_LENGTH_REQUIRED: 381,
  QUERY_WAS_CANCELLED: 394,
  SETTING_CONSTRAINT_VIOLATION: 452,
  UNKNOWN_QUERY_PARAMETER: 456,
  INVALID_USAGE_OF_INPUT: 477,
  ACCESS_DENIED: 497,
  AUTHENTICATION_FAILED: 516,
  USER_SESSION_LIMIT_EXCEEDED: 700,
  UNKNOWN_EXCEPTION: 1002,
} as const;

export type ErrorName = keyof typeof ERROR_CODE;

/** Where the engine says which file an INSERT's data were read from: to the client it is none. */
const SPOOL_FILE = /:? ?\(in file\/uri [^)]*\)/g;

/** A refusal with one of ClickHouse's error codes, raised by this server or reported by the engine. */
export class ClickHouseException extends Error {
  override readonly name = 'ClickHouseException';
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** A refusal by this server, in the engine's own form: `Code: N. DB::Exception: … (NAME)`. */
  static of(name: ErrorName, sentence: string): ClickHouseException {
    const code = ERROR_CODE[name];
    return new ClickHouseException(code, `Code: ${code}. DB::Exception: ${sentence} (${name})`);
  }

  /** Reads an error of the engine's binding; what carries no code becomes UNKNOWN_EXCEPTION. */
  static from(error: unknown): ClickHouseException {
    if (error instanceof ClickHouseException) return error;
    const text = (error instanceof Error ? error.message : String(error)).replaceAll(SPOOL_FILE, '');
    if (isZlibError(error)) return ClickHouseException.of('CANNOT_DECOMPRESS', `Cannot decompress the body: ${text}.`);
    const code = /^Code: (\d+)\./.exec(text)?.[1];
    if (code !== undefined) return new ClickHouseException(Number(code), oneWrapping(text), { cause: error });
    const made = ClickHouseException.of('UNKNOWN_EXCEPTION', text);
    return new ClickHouseException(made.code, made.message, { cause: error });
  }
}

/** Errors of `node:zlib`: a body that is not what its Content-Encoding says. */
function isZlibError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    /^(Z_|ZSTD_|ERR__ERROR_|ERR_BROTLI|ERR_BUFFER_TOO)/.test(String(error.code))
  );
}

/** An error that the engine has wrapped in itself: `Code: 1. DB::Exception: Code: 1. DB::Exception: … (X) (version V). (X)`. */
const WRAPPED = /^Code: \d+\. DB::Exception: (Code: \d+\. DB::Exception: .*?) \(version [\d.]+\)\. \([A-Z_0-9]+\)$/s;

function oneWrapping(text: string): string {
  let inner = text.trim();
  for (let next = WRAPPED.exec(inner); next?.[1] !== undefined; next = WRAPPED.exec(inner)) inner = next[1];
  return inner;
}
