import { z } from 'zod';
import { auth, keys, origin, tls } from './collector-access.ts';
import { duration, httpUrl, listen, positiveDuration, size, wholeNumber } from './scalars.ts';

const retention = z
  .strictObject({
    traces: duration.optional(),
    metrics: duration.optional(),
    logs: duration.optional(),
    rollups: duration.optional(),
  })
  .prefault({})
  .transform((value) => ({
    tracesMs: value.traces ?? 7 * 86_400_000,
    metricsMs: value.metrics ?? 30 * 86_400_000,
    logsMs: value.logs ?? 7 * 86_400_000,
    /** What is counted when telemetry arrives: small, and what uptime over years is made of. */
    rollupsMs: value.rollups ?? 2 * 365 * 86_400_000,
  }));

/** `collector`: where OTLP comes in, what is taken, how long it is kept. */
export const collector = z
  .strictObject({
    http: listen(4318),
    grpc: listen(4317),
    url: httpUrl.optional(),
    max_request_size: size.default(64 * 2 ** 20),
    max_concurrent_requests: wholeNumber(1, 100_000).default(1_000),
    request_timeout: positiveDuration.default(60_000),
    auth,
    keys,
    tls: tls.optional(),
    cors: z.strictObject({ origins: z.array(origin).default([]) }).prefault({}),
    journal: z
      .strictObject({
        max_size: size.default(4 * 2 ** 30),
        segment_size: size.default(48 * 2 ** 20),
        segment_age: positiveDuration.default(1_000),
        load_lanes: wholeNumber(1, 16).default(2),
        min_free_disk: size.default(256 * 2 ** 20),
      })
      .prefault({}),
    load: z
      .strictObject({ timeout: positiveDuration.default(60_000), max_timeout: positiveDuration.default(15 * 60_000) })
      .prefault({}),
    dead_letters: z.strictObject({ max_size: size.default(2 ** 30) }).prefault({}),
    accept: z
      .strictObject({ past: duration.default(86_400_000), future: duration.default(3_600_000) })
      .prefault({})
      .transform(({ past, future }) => ({ pastMs: past, futureMs: future })),
    retention,
  })
  .prefault({})
  .transform((value) => ({
    http: value.http,
    grpc: value.grpc,
    /** Where other processes send OTLP over HTTP, where that is not `http`: a proxy before several collectors. */
    url: value.url,
    /** The largest request body in bytes, before and after decompression. */
    maxRequestBytes: value.max_request_size,
    maxConcurrentRequests: value.max_concurrent_requests,
    /** A request has to have arrived whole by then. */
    requestTimeoutMs: value.request_timeout,
    auth: value.auth,
    keys: value.keys,
    tls: value.tls,
    /** Pages of these origins may send; `*` is any. */
    corsOrigins: value.cors.origins,
    journal: {
      maxBytes: value.journal.max_size,
      segmentBytes: value.journal.segment_size,
      segmentAgeMs: value.journal.segment_age,
      loadLanes: value.journal.load_lanes,
      minFreeBytes: value.journal.min_free_disk,
    },
    load: {
      /** How long ClickHouse may take for one INSERT before it is cut in halves, and how long for what cannot be cut. */
      timeoutMs: value.load.timeout,
      maxTimeoutMs: Math.max(value.load.timeout, value.load.max_timeout),
    },
    deadLetters: { maxBytes: value.dead_letters.max_size },
    /** Spans, points and records whose time lies further back or ahead are refused. */
    accept: value.accept,
    retention: value.retention,
  }));
