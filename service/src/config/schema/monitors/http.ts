import { z } from 'zod';
import { ALWAYS, asMapping, refuseIn } from '../cross-checks.ts';
import { httpUrl } from '../scalars.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { checkConnection, connectionOf, connectionSettings } from './http-connection.ts';
import { httpExpectations } from './http-expectation.ts';
import { checkRequest, requestOf, requestSettings } from './http-request.ts';

/** A monitor whose target is a URL. */
export const httpMonitor = z
  .strictObject({
    kind: z.literal('http'),
    ...everyKindSettings(),
    http: httpUrl,
    ...requestSettings,
    ...connectionSettings,
    expect: httpExpectations,
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const [given, refuse] = [asMapping(value), refuseIn(context)];
    checkRequest(given, refuse);
    checkConnection(given, refuse);
  }, ALWAYS)
  .transform((value) => ({
    ...everyKindOf(value),
    kind: value.kind,
    http: requestOf(value.http, value),
    connection: connectionOf(value),
    expect: value.expect,
  }));
