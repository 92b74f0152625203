import type { HttpExpectation, MonitorOf } from '@tocsin/service/config';
import { describeUrl } from '@tocsin/service/config';
import type { ProbeKind } from '../kind.ts';
import { reportJourney } from './report.ts';
import { Journey } from './journey.ts';
import { judgeAnswer } from './judge-answer.ts';

/** A request over HTTP, each run and each redirect over a new connection. */
export const httpKind: ProbeKind<MonitorOf<'http'>> = {
  describeTarget: (monitor) => describeUrl(new URL(monitor.http.url)),
  async probe(monitor, context) {
    const { http, connection, timeoutMs } = monitor;
    const expect: readonly HttpExpectation[] = monitor.expect;
    const journey = new Journey({ connection, timeoutMs }, context);
    try {
      const response = await journey.send(http, expect);
      const judgement =
        response.status === 'done'
          ? await judgeAnswer(response.value, { journey, settings: http, expect, context })
          : { verdict: response.status === 'judged' ? response.verdict : journey.judgeTimeout() };
      if (context.signal.aborted) return undefined;
      const url = new URL(http.url);
      return await reportJourney({
        journey,
        judgement,
        url,
        method: http.method,
        timeoutMs,
        maxBodyBytes: http.maxBodyBytes,
      });
    } finally {
      journey.limit.end();
    }
  },
};
