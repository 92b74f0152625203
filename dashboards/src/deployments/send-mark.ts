import { isLoopbackUrl } from '@tocsin/service/config';
import { internalHeaders } from '@tocsin/service/internal-key';
import { VERSION } from '@tocsin/service/version';
import { available, type Part, unavailable } from '../part.ts';
import type { Deployment } from './contract-types.ts';

/** Hands a mark to the collector, which alone writes to ClickHouse. */
export type SendMark = (mark: Deployment) => Promise<Part<undefined>>;

const TIMEOUT_MS = 5_000;

/** Sends marks to the collector as log records. @param collectorUrl its OTLP endpoint over HTTP */
export function createMarkSender(collectorUrl: string, internalKey: string | undefined): SendMark {
  return async (mark) => {
    const { Agent, request, errors } = await import('undici');
    // On loopback the collector's certificate is not for this name, and there is nobody between.
    const dispatcher = new Agent({ connect: { rejectUnauthorized: !isLoopbackUrl(collectorUrl) } });
    try {
      const { statusCode, body } = await request(`${collectorUrl.replace(/\/$/, '')}/v1/logs`, {
        method: 'POST',
        headers: { ...internalHeaders(internalKey), 'content-type': 'application/json' },
        body: encodeMark(mark),
        dispatcher,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = await body.text();
      if (statusCode !== 200) return unavailable('http_status', `The collector answered with status ${statusCode}.`);
      return /"rejectedLogRecords"\s*:\s*"?[1-9]/.test(answer)
        ? unavailable('bad_answer', 'The collector did not take the mark: its time is too far from now.')
        : available(undefined);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name === 'TimeoutError' || error instanceof errors.ConnectTimeoutError)
        return unavailable('timeout', 'The collector did not answer in time.');
      const code = 'code' in error ? String(error.code) : '';
      if (/^E[A-Z_]+$|^UND_ERR/.test(code))
        return unavailable('unreachable', `The collector cannot be reached (${code}).`);
      throw new Error('handing a mark to the collector failed in a way that is not known', { cause: error });
    } finally {
      await dispatcher.destroy();
    }
  };
}

/**
 * A mark as an OTLP request for logs, in JSON. It is a service of its own, `tocsin-deployments`, so that marks are found without reading logs of others.
 * Source: OTLP specification 1.x, "JSON Protobuf Encoding"; Logs Data Model, "Field: EventName".
 */
export function encodeMark({ service, version, environment, atMs, actor, url, note }: Deployment): string {
  const timeUnixNano = `${atMs}000000`;
  const resource = { attributes: attributesOf({ 'service.name': 'tocsin-deployments' }) };
  const record = {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: 'tocsin.deployment',
    body: { stringValue: `${service} ${version}${environment === '' ? '' : ` in ${environment}`} was deployed` },
    attributes: attributesOf({
      'tocsin.deployment.service': service,
      'tocsin.deployment.version': version,
      'tocsin.deployment.environment': environment,
      'tocsin.deployment.actor': actor,
      'tocsin.deployment.url': url,
      'tocsin.deployment.note': note,
    }),
  };
  const scope = { name: 'tocsin.dashboards.deployments', version: VERSION };
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] });
}

function attributesOf(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
