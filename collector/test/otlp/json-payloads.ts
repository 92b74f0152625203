/** OTLP/JSON requests in the manner of the specification's examples, with what they mean. */

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bell-foundry' } }] };
const scope = {
  name: 'foundry.lib',
  version: '2.1.0',
  attributes: [{ key: 'foundry.scope', value: { stringValue: 'casting' } }],
};
const traceId = '5B8EFFF798038103D269B633813FC60C';
const spanId = 'EEE19B7EC3C1B174';

const span = {
  traceState: 'vendor=1',
  name: 'cast bell',
  kind: 2,
  attributes: [{ key: 'bell.weight', value: { doubleValue: 812.5 } }],
  droppedAttributesCount: 1,
  events: [{ timeUnixNano: '1544712660500000000', name: 'poured', attributes: [] }],
  status: { message: 'cracked', code: 2 },
  flags: 257,
};

export const TRACES_JSON = {
  input: {
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            scope,
            spans: [
              {
                ...span,
                traceId,
                spanId,
                parentSpanId: 'EEE19B7EC3C1B173',
                startTimeUnixNano: '1544712660000000000',
                endTimeUnixNano: 1544712661000000000,
                links: [{ traceId: traceId.toLowerCase(), spanId, traceState: 'x=y' }],
              },
            ],
            schemaUrl: 'https://example.org/schema/1',
          },
        ],
      },
    ],
  },
  expected: {
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            scope,
            spans: [
              {
                ...span,
                events: [{ timeUnixNano: '1544712660500000000', name: 'poured' }],
                traceId: traceId.toLowerCase(),
                spanId: spanId.toLowerCase(),
                parentSpanId: 'eee19b7ec3c1b173',
                startTimeUnixNano: '1544712660000000000',
                endTimeUnixNano: '1544712661000000000',
                links: [{ traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase(), traceState: 'x=y' }],
              },
            ],
            schemaUrl: 'https://example.org/schema/1',
          },
        ],
      },
    ],
  },
};

const times = { startTimeUnixNano: '1544712660300000000', timeUnixNano: '1544712660300000001' };
const attributes = [{ key: 'bell', value: { stringValue: 'Gloriosa' } }];
const exponential = {
  ...times,
  attributes,
  sum: 12.5,
  scale: -3,
  positive: { offset: -2 },
  negative: { offset: 1 },
  min: 0,
  max: 9.5,
  zeroThreshold: 0.25,
  flags: 1,
};
const quantileValues = [
  { quantile: 0.5, value: 1.5 },
  { quantile: 0.99, value: 9 },
];

/** Counts are text or number; both mean the same. */
function metrics(count: (value: number) => string | number, exemplarIds: { traceId: string; spanId: string }): object {
  const exemplar = {
    timeUnixNano: times.timeUnixNano,
    asInt: count(-7),
    ...exemplarIds,
    filteredAttributes: attributes,
  };
  const histogram = { ...times, attributes, sum: 2.5, explicitBounds: [0.5, 1], min: 0.25, max: 2 };
  return {
    resourceMetrics: [
      {
        resource,
        scopeMetrics: [
          {
            scope,
            metrics: [
              {
                name: 'strikes',
                description: 'How often it rang',
                unit: '{strike}',
                sum: {
                  dataPoints: [{ ...times, attributes, asInt: count(-5) }],
                  aggregationTemporality: 1,
                  isMonotonic: true,
                },
                metadata: [{ key: 'source', value: { boolValue: true } }],
              },
              {
                name: 'swing',
                gauge: { dataPoints: [{ ...times, attributes, asDouble: -0.5, exemplars: [exemplar] }] },
              },
              {
                name: 'loudness',
                histogram: {
                  dataPoints: [{ ...histogram, count: count(6), bucketCounts: [count(1), count(0), count(5)] }],
                  aggregationTemporality: 2,
                },
              },
              {
                name: 'decay',
                exponentialHistogram: {
                  dataPoints: [
                    {
                      ...exponential,
                      count: count(10),
                      zeroCount: count(3),
                      positive: { ...exponential.positive, bucketCounts: [count(1), count(300)] },
                      negative: { ...exponential.negative, bucketCounts: [count(6)] },
                    },
                  ],
                  aggregationTemporality: 2,
                },
              },
              {
                name: 'pitch',
                summary: { dataPoints: [{ ...times, attributes, count: count(4), sum: 8.5, quantileValues }] },
              },
            ],
          },
        ],
      },
    ],
  };
}

export const METRICS_JSON = {
  input: metrics((value) => value, { traceId, spanId }),
  expected: metrics(String, { traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase() }),
};

const plainValues = [
  { key: 'text', value: { stringValue: 'Glöckner 🔔' } },
  { key: 'yes', value: { boolValue: true } },
  { key: 'no', value: { boolValue: false } },
  { key: 'double', value: { doubleValue: 637.704 } },
  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'many' }, { stringValue: 'values' }] } } },
  { key: 'map', value: { kvlistValue: { values: [{ key: 'inner', value: { stringValue: 'value' } }] } } },
];
const record = {
  timeUnixNano: '1544712660300000000',
  observedTimeUnixNano: '1544712660300000001',
  severityNumber: 10,
  severityText: 'Information',
  body: { stringValue: 'The bell rings' },
  eventName: 'ring',
};

export const LOGS_JSON = {
  input: {
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            scope,
            logRecords: [
              {
                ...record,
                traceId,
                spanId,
                attributes: [
                  ...plainValues,
                  { key: 'int', value: { intValue: '10' } },
                  { key: 'bytes', value: { bytesValue: '-_8A' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
  expected: {
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            scope,
            logRecords: [
              {
                ...record,
                traceId: traceId.toLowerCase(),
                spanId: spanId.toLowerCase(),
                attributes: [
                  ...plainValues,
                  { key: 'int', value: { intValue: '10' } },
                  { key: 'bytes', value: { bytesValue: 'fbff00' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
};
