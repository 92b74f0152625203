import { z } from 'zod';
import { ALWAYS, asMapping, refuseIn } from '../cross-checks.ts';
import { httpUrl, size, text, webSocketUrl } from '../scalars.ts';
import type { Severity } from '../severity.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import {
  expectations,
  jsonExpectation,
  latency,
  oneOrMore,
  textSettings,
  type ValueTest,
  valueTestsOf,
} from './expectations.ts';
import { checkConnection, connectionOf, connectionSettings } from './http-connection.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';

/** Source: RFC 6455, section 4.1 (10.): a subprotocol is a token of HTTP. */
const expectedToken = "a subprotocol of letters, digits and !#$%&'*+-.^_`|~";
const subprotocol = text.refine((value) => /^[\w!#$%&'*+.^`|~-]+$/.test(value), {
  params: { expected: expectedToken },
  message: `expected ${expectedToken}`,
});

const expectation = z
  .strictObject({
    ...textSettings('message'),
    json: oneOrMore(jsonExpectation).optional(),
    latency: latency.optional(),
    severity: ownSeverity,
  })
  .transform((value) => {
    const severity = value.severity ?? 'down';
    const tests = valueTestsOf({
      contains: value.message_contains,
      not_contains: value.message_not_contains,
      matches: value.message_matches,
      not_matches: value.message_not_matches,
    }).filter(({ operator }) => operator !== 'exists');
    const expected: MessageExpectation[] = [
      ...(tests.length > 0 ? [{ subject: 'text' as const, tests, severity }] : []),
      ...(value.json ?? []).map((each) => ({ subject: 'json' as const, ...each, severity })),
    ];
    return { expected, latency: value.latency, severity: value.severity };
  });

/** One thing a message must be, and what it means where none is. */
export type MessageExpectation = { readonly severity: Severity; readonly tests: readonly ValueTest[] } & (
  { readonly subject: 'text' } | { readonly subject: 'json'; readonly path: string }
);

/** Headers that the handshake itself sends. */
const OWN_HEADERS = /^(?:connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/i;
const LARGEST_MESSAGE_BYTES = 64 * 2 ** 20;

/** A monitor whose target is a WebSocket. */
export const webSocketMonitor = z
  .strictObject({
    kind: z.literal('websocket'),
    ...everyKindSettings(),
    websocket: webSocketUrl,
    headers: z.record(z.string(), z.string()).default({}),
    subprotocols: oneOrMore(subprotocol).default([]),
    send: oneOrMore(z.string()).default([]),
    max_message: size.default(2 ** 20),
    tls: connectionSettings.tls,
    proxy: httpUrl.optional(),
    ip: connectionSettings.ip,
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const [given, refuse] = [asMapping(value), refuseIn(context)];
    checkConnection(given, refuse);
    const { headers, max_message: maxMessage, subprotocols } = given;
    for (const name of Object.keys(asMapping(headers))) {
      if (OWN_HEADERS.test(name)) refuse(['headers', name], 'a header that the handshake does not send itself');
    }
    if (typeof maxMessage === 'number' && (maxMessage < 1 || maxMessage > LARGEST_MESSAGE_BYTES))
      refuse(['max_message'], 'a size of 1B to 64MiB');
    if (Array.isArray(subprotocols) && new Set(subprotocols).size < subprotocols.length)
      refuse(['subprotocols'], 'each subprotocol once');
  }, ALWAYS)
  .transform((value) => {
    const entries = value.expect ?? [];
    return {
      ...everyKindOf(value),
      kind: value.kind,
      url: value.websocket,
      headers: value.headers,
      /** Offered in this order; the server has to choose one of them. */
      subprotocols: value.subprotocols,
      send: value.send,
      maxMessageBytes: value.max_message,
      connection: connectionOf({ ...value, version: '1.1' as const }),
      expect: { latency: latencyLimitsOf(entries), message: entries.flatMap((entry) => entry.expected) },
    };
  });
