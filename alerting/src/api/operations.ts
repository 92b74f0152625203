import type { Readiness } from '@tocsin/service/http';
import type { ReloadOutcome } from '@tocsin/service/run';
import { defineEndpoint, type Endpoint, ok, refuse } from './framework/endpoint.ts';

/** What operators ask. */
export interface OperationOptions {
  readonly readiness: () => Readiness;
  /** Reads the configuration again. */
  readonly reload: () => Promise<ReloadOutcome>;
}

/** Alertmanager's `/-/healthy`, `/-/ready` and `/-/reload`. */
export function operationEndpoints({ readiness, reload }: OperationOptions): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/-/healthy',
      tag: 'operations',
      summary: 'The process lives.',
      role: 'anyone',
      answer: (z) => z.string(),
      answerType: 'text/plain',
      handle: () => ok('OK'),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/-/ready',
      tag: 'operations',
      summary: 'It can do its work.',
      role: 'anyone',
      answer: (z) => z.string(),
      answerType: 'text/plain',
      refusals: { 503: 'It cannot; the text says why.' },
      handle() {
        const { ready, reasons } = readiness();
        return ready ? ok('OK') : refuse(503, reasons.join('\n'));
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/-/reload',
      tag: 'operations',
      summary: 'Reads the configuration again; a bad one changes nothing.',
      role: 'admin',
      action: 'config.reload',
      refusals: { 500: 'The configuration is bad; the log has the report.' },
      async handle() {
        const { status } = await reload();
        if (status === 'ok') return ok(undefined);
        return refuse(500, 'failed to reload config: it is bad and the old one stays; the log has the report');
      },
    }),
  ];
}
