import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run, send } from './support.ts';

let server: TestClickHouse;

beforeAll(async () => {
  server = await startTestClickHouse();
});

afterAll(() => server.stop());

/** What is written in a format and inserted again in the same. */
interface Sample {
  /** Columns of the table. */
  readonly table: string;
  /** What the table holds afterwards. */
  readonly select: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** The format that writes the data, where it is not the one that reads it. */
  readonly written?: string;
  /** The data, where no format writes them. */
  readonly data?: Buffer;
}

const USUAL: Sample = {
  table: 'a UInt32, b String, c Float64, d Nullable(Int64), e Array(String)',
  select:
    "SELECT toUInt32(number) AS a, concat('it''s \\t\\\\', toString(number)) AS b, number / 4 AS c, if(number % 2, NULL, -toInt64(number)) AS d, [toString(number), 'x,y'] AS e FROM numbers(50)",
};
/** Without what cannot be told from its escape. */
const RAW: Sample = {
  table: 'a UInt32, b String',
  select: "SELECT toUInt32(number) AS a, concat('it\\\\s ', toString(number)) AS b FROM numbers(50)",
};
const LINES: Sample = { table: 's String', select: "SELECT concat('line ', toString(number)) AS s FROM numbers(50)" };
/** A tab, which is the usual delimiter, would be skipped as a space. */
const SPACED: Sample = {
  ...USUAL,
  settings: { format_custom_field_delimiter: ';', format_custom_escaping_rule: 'Quoted' },
};
const OBJECTS = Buffer.from('{"a":1}\n{"a":2}\n');

/** Formats that write no nulls and no rows of their own, or want a shape of their own. */
const SPECIAL: Readonly<Record<string, Sample>> = {
  CustomSeparatedIgnoreSpaces: { ...SPACED, written: 'CustomSeparated' },
  CustomSeparatedIgnoreSpacesWithNames: { ...SPACED, written: 'CustomSeparatedWithNames' },
  CustomSeparatedIgnoreSpacesWithNamesAndTypes: { ...SPACED, written: 'CustomSeparatedWithNamesAndTypes' },
  Form: { ...RAW, select: "SELECT 7 AS a, 'x y' AS b", data: Buffer.from('a=7&b=x%20y') },
  GeoJSON: {
    table: 'geometry Geometry',
    select: "SELECT '(1,2)'::Point::Geometry AS geometry",
    settings: { allow_suspicious_variant_types: '1' },
  },
  JSONAsObject: { table: 'j JSON', select: `SELECT arrayJoin(['{"a":1}', '{"a":2}'])::JSON AS j`, data: OBJECTS },
  JSONAsString: { table: 's String', select: `SELECT arrayJoin(['{"a":1}', '{"a":2}']) AS s`, data: OBJECTS },
  LineAsString: LINES,
  MySQLDump: {
    ...RAW,
    select: "SELECT arrayJoin([1, 2]) AS a, if(a = 1, 'x', 'y') AS b",
    data: Buffer.from("INSERT INTO `x` VALUES (1,'x'),(2,'y');\n"),
  },
  Npy: { table: 'array UInt32', select: 'SELECT toUInt32(number) AS array FROM numbers(50)' },
  One: { table: 'dummy UInt8', select: 'SELECT 0', data: Buffer.alloc(0) },
  ParquetMetadata: {
    table: 'num_columns UInt64, num_rows UInt64',
    // It is written to the file of which this tells.
    select: 'SELECT 2 AS num_columns, 1 AS num_rows',
    written: 'Parquet',
  },
  Protobuf: RAW,
  ProtobufList: RAW,
  ProtobufSingle: { ...RAW, select: "SELECT 7 AS a, 'x' AS b", data: Buffer.from([0x08, 7, 0x12, 1, 0x78]) },
  RawBLOB: { table: 's String', select: "SELECT unhex('00FF0A0927') AS s" },
  Regexp: {
    ...RAW,
    select: "SELECT arrayJoin([1, 2]) AS a, if(a = 1, 'x y', 'z') AS b",
    settings: { format_regexp: '^(\\d+) (.*)$', format_regexp_escaping_rule: 'Raw' },
    data: Buffer.from('1 x y\n2 z\n'),
  },
  RowBinaryWithDefaults: {
    table: 'a UInt32 DEFAULT 9, b String',
    select: "SELECT arrayJoin([7, 9]) AS a, 'x' AS b",
    data: Buffer.from([0, 7, 0, 0, 0, 0, 1, 0x78, 1, 0, 1, 0x78]),
  },
  RowBinaryWithNamesAndTypesAndDefaults: {
    table: 'a UInt8 DEFAULT 9',
    select: 'SELECT arrayJoin([7, 9]) AS a',
    data: Buffer.from([1, 1, 0x61, 5, ...Buffer.from('UInt8'), 0, 7, 1]),
  },
};

/** Every format with `is_input` in `system.formats`. */
const FORMATS =
  `Arrow ArrowStream Avro BSONEachRow Buffers CSV CSVWithNames CSVWithNamesAndTypes CustomSeparated CustomSeparatedIgnoreSpaces
  CustomSeparatedIgnoreSpacesWithNames CustomSeparatedIgnoreSpacesWithNamesAndTypes CustomSeparatedWithNames CustomSeparatedWithNamesAndTypes Form
  GeoJSON JSON JSONAsObject JSONAsString JSONColumns JSONColumnsWithMetadata JSONCompact JSONCompactColumns JSONCompactEachRow
  JSONCompactEachRowWithNames JSONCompactEachRowWithNamesAndTypes JSONCompactStringsEachRow JSONCompactStringsEachRowWithNames
  JSONCompactStringsEachRowWithNamesAndTypes JSONEachRow JSONL JSONLines JSONObjectEachRow JSONStringsEachRow LineAsString MsgPack MySQLDump NDJSON
  Native Npy ORC One Parquet ParquetMetadata Protobuf ProtobufList ProtobufSingle Raw RawBLOB RawWithNames RawWithNamesAndTypes Regexp RowBinary
  RowBinaryWithDefaults RowBinaryWithNames RowBinaryWithNamesAndTypes RowBinaryWithNamesAndTypesAndDefaults TSKV TSV TSVRaw TSVRawWithNames
  TSVRawWithNamesAndTypes TSVWithNames TSVWithNamesAndTypes TabSeparated TabSeparatedRaw TabSeparatedRawWithNames TabSeparatedRawWithNamesAndTypes
  TabSeparatedWithNames TabSeparatedWithNamesAndTypes Values`.split(/\s+/);

/** Formats of which nothing can be inserted here, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  AvroConfluent: 'asks a schema registry over the network',
  DWARF: 'reads the debugging symbols of a program',
  Template: 'wants its template in a file of the server',
  TemplateIgnoreSpaces: 'as Template',
};

function sampleOf(format: string): Sample {
  return SPECIAL[format] ?? (/^(Raw|TSVRaw|TabSeparatedRaw)/.test(format) ? RAW : USUAL);
}

async function dataOf(format: string, { select, written, data, settings = {} }: Sample): Promise<Buffer> {
  if (data) return data;
  const query = `${select} FORMAT ${written ?? format}`;
  const answer = await fetch(`${server.address}/?${new URLSearchParams({ ...settings, query }).toString()}`);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

describe('inserts in every format', () => {
  it('that the engine reads', async () => {
    const names = await run(server, 'SELECT name FROM system.formats WHERE is_input ORDER BY name FORMAT TSV');
    expect(names.trim().split('\n')).toEqual([...FORMATS, ...Object.keys(NOT_HERE)].toSorted());
  });

  it.each(FORMATS)('%s', async (format) => {
    const sample = sampleOf(format);
    await run(server, `CREATE OR REPLACE TABLE back (${sample.table}) ENGINE = MergeTree ORDER BY tuple()`);
    const body = new Uint8Array(await dataOf(format, sample));
    const inserted = await send(
      server,
      { ...sample.settings, query: `INSERT INTO back FORMAT ${format}` },
      { method: 'POST', body },
    );
    expect(inserted).toMatchObject({ status: 200, text: '' });
    const rows = async (from: string) =>
      (await run(server, `SELECT * FROM (${from}) FORMAT JSONCompactStringsEachRow`, sample.settings))
        .split('\n')
        .toSorted();
    expect(await rows('SELECT * FROM back')).toEqual(await rows(sample.select));
  });

  it.each(Object.keys(NOT_HERE))('but not %s, which is refused with a reason', async (format) => {
    await run(server, 'CREATE OR REPLACE TABLE back (a UInt32) ENGINE = MergeTree ORDER BY tuple()');
    const { status, text } = await send(
      server,
      { query: `INSERT INTO back FORMAT ${format}` },
      { method: 'POST', body: 'x' },
    );
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toMatch(/^Code: \d+\. DB::Exception: /);
    expect(await run(server, 'SELECT count() FROM back')).toBe('0\n');
  });

  it('but not one that there is not', async () => {
    const { status, text } = await send(server, { query: 'SELECT 1 FORMAT Nope' }, { method: 'GET' });
    expect(status).toBe(404);
    expect(text).toMatch(/^Code: 73\. DB::Exception: Unknown format Nope\..*\(UNKNOWN_FORMAT\) \(version [\d.]+\)\n$/);
  });

  it('through input() in a binary one, compressed, in pieces, and with nothing in it', async () => {
    await run(server, 'CREATE OR REPLACE TABLE back (a UInt32, b String) ENGINE = MergeTree ORDER BY tuple()');
    const data = await dataOf('Parquet', RAW);
    const query = "INSERT INTO back SELECT a + 1000, b FROM input('a UInt32, b String') FORMAT Parquet";
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < data.length; at += 100) controller.enqueue(new Uint8Array(data.subarray(at, at + 100)));
        controller.close();
      },
    });
    const init = { method: 'POST', body: pieces, duplex: 'half' } as RequestInit;
    expect(await send(server, { query }, init)).toMatchObject({ status: 200 });
    expect(await run(server, 'SELECT count(), min(a) FROM back')).toBe('50\t1000\n');
    expect(
      await send(server, { query: 'INSERT INTO back FORMAT RowBinary' }, { method: 'POST', body: '' }),
    ).toMatchObject({
      status: 200,
    });
    expect(await run(server, 'SELECT count() FROM back')).toBe('50\n');
  });
});
