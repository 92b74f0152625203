import { type TocsinConfig, wantsToken } from '@tocsin/service/config';
import { createHttpServer, type HttpServer, type Readiness } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import type { ReloadOutcome } from '@tocsin/service/run';
import { createAlertHistory } from '../history/alert-history.ts';
import { addLinkRoutes, type LinkActions } from '../links/link-routes.ts';
import type { Notifier } from '../notify/notifier.ts';
import { createPushIntake, type PushIntake } from '../pushed/intake.ts';
import { createPushTelemetry, observePushedAlerts } from '../pushed/telemetry.ts';
import type { RuleEngine } from '../rules/engine.ts';
import type { SloStatus } from '../slo/slo-status.ts';
import type { Database } from '../store/database.ts';
import { ACTOR_HEADER, identify } from './access/gate.ts';
import { createAuditLog } from './audit/audit-log.ts';
import type { Endpoint } from './framework/endpoint.ts';
import { addRoutes } from './framework/routes.ts';
import { sendRefusal } from './framework/refusal.ts';
import { operationEndpoints } from './operations.ts';
import { createApiTelemetry } from './telemetry.ts';
import { auditEndpoints } from './v1/audit.ts';
import { deliveryEndpoints } from './v1/deliveries.ts';
import { incidentEndpoints } from './v1/incidents.ts';
import { onCallEndpoints } from './v1/oncall.ts';
import { openApiEndpoints } from './v1/openapi.ts';
import { ruleEndpoints } from './v1/rules.ts';
import { previewEndpoints } from './v1/silence-preview.ts';
import { sloEndpoints } from './v1/slos.ts';
import { alertEndpoints } from './v2/alerts.ts';
import { generalEndpoints } from './v2/general.ts';
import { retiredEndpoints } from './v2/retired.ts';
import { createSilenceAnnotations } from './v2/silence-annotations.ts';
import { silenceEndpoints } from './v2/silences.ts';

/** What the API shows, and what it acts on. */
export interface ApiOptions {
  /** The configuration in force; the address is read once. */
  readonly config: () => TocsinConfig;
  readonly database: Database;
  readonly notifier: Pick<Notifier, 'alerts' | 'receiversOf' | 'marksOf' | 'groups' | 'silences' | 'links' | 'oncall'>;
  readonly rules: Pick<RuleEngine, 'status'>;
  readonly sloStatus: () => Promise<readonly SloStatus[]>;
  /** What the links of messages do. */
  readonly linkActions?: LinkActions;
  readonly readiness: () => Readiness;
  /** Reads the configuration again. */
  readonly reload: () => Promise<ReloadOutcome>;
  /** The key of Tocsin's own processes. */
  readonly internalKey?: string | undefined;
  /** Endpoints of other parts of alerting (see README.md of this folder). */
  readonly more?: readonly Endpoint[];
  readonly log: Logger;
  readonly version: string;
  readonly now: () => number;
}

/** The server of the API. */
export interface Api extends HttpServer {
  /** Everything it answers. */
  readonly endpoints: readonly Endpoint[];
  /** Forgets what its tables hold of long ago; call it from time to time. */
  forgetOld(nowMs: number): void;
}

/** Makes the server of alerting's API: Alertmanager's v2, and our own v1. */
export function createApi(options: ApiOptions): Api {
  const { config, database, internalKey, log, now } = options;
  const audit = createAuditLog(database);
  const history = createAlertHistory(database);
  const annotations = createSilenceAnnotations(database);
  const intake = createIntake(options);
  const endGauge = observePushedAlerts(() => intake.countActive(now()));
  const endpoints = listEndpoints(options, { audit, history, annotations, intake });
  // The links of messages are followed from the pages of mail and chat programs.
  const { http, url } = config().alerting;
  const server = createHttpServer({
    address: http,
    readiness: options.readiness,
    publicUrl: url,
    takesVisitors: true,
    answerForeignPage: (request, reply, reason) =>
      sendRefusal(reply, request.url, { status: 403, detail: `refused: ${reason}` }),
  });
  const rulesOfGate = () => {
    const { alerting, unauthenticatedListeners } = config();
    return { tokens: alerting.api.tokens, required: wantsToken(alerting, unauthenticatedListeners), internalKey };
  };
  addRoutes(server.app, {
    endpoints,
    database,
    audit,
    log,
    now,
    count: createApiTelemetry(),
    identify: ({ headers }) => identify(headers.authorization, rulesOfGate(), headers[ACTOR_HEADER]),
  });
  // Whoever has a link needs no token: it is signed, and ends.
  addLinkRoutes(server.app, { store: options.notifier.links, actions: options.linkActions ?? {}, now });
  return {
    ...server,
    endpoints,
    forgetOld: (nowMs) =>
      database.transaction(() => {
        audit.forgetOld(nowMs);
        history.forgetOld(nowMs);
        annotations.forgetOld();
      }),
    async stop() {
      endGauge();
      await server.stop();
    },
  };
}

function createIntake({ config, database, notifier, now }: ApiOptions): PushIntake {
  return createPushIntake({
    database,
    alerts: notifier.alerts,
    now,
    telemetry: createPushTelemetry(),
    limits: () => ({
      resolveTimeoutMs: config().alerting.resolveTimeoutMs,
      maxPushedAlerts: config().alerting.api.maxPushedAlerts,
    }),
  });
}

interface Parts {
  readonly audit: ReturnType<typeof createAuditLog>;
  readonly history: ReturnType<typeof createAlertHistory>;
  readonly annotations: ReturnType<typeof createSilenceAnnotations>;
  readonly intake: PushIntake;
}

function listEndpoints(options: ApiOptions, { audit, history, annotations, intake }: Parts): readonly Endpoint[] {
  const { config, database, notifier, rules, version, now } = options;
  const endpoints: Endpoint[] = [
    ...operationEndpoints(options),
    ...generalEndpoints({ config, version, startedAt: new Date(now()).toISOString() }),
    ...alertEndpoints({ notifier, intake, resolveTimeoutMs: () => config().alerting.resolveTimeoutMs }),
    ...silenceEndpoints({ silences: notifier.silences, annotations }),
    ...retiredEndpoints(),
    ...ruleEndpoints(() => rules.status()),
    ...sloEndpoints(options.sloStatus),
    ...previewEndpoints({ notifier, history }),
    ...incidentEndpoints({ database, oncall: notifier.oncall }),
    ...onCallEndpoints(notifier.oncall),
    ...deliveryEndpoints(database),
    ...auditEndpoints(audit),
    ...(options.more ?? []),
  ];
  endpoints.push(...openApiEndpoints(() => endpoints, version));
  return endpoints;
}
