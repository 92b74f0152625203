import type { ServiceLines } from '../home/contract-types.ts';
import type { Part } from '../part-types.ts';
import type { ServiceErrorsRow } from '../queries/service-errors.ts';
import type { ServiceInstancesRow } from '../queries/service-instances.ts';
import type { ServiceOperationsRow } from '../queries/service-operations.ts';
import type { ServiceStepsRow } from '../queries/service-steps.ts';
import type { ServiceVersionsRow } from '../queries/service-versions.ts';

/** A service in the list. Durations in ms; absent where there was no request. */
export interface ServiceTotals {
  readonly name: string;
  readonly spans: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly errorShare: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly operations: number;
}

/** Who calls whom: `from` is a service, `to` a service or something that sends no spans itself. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly toKind: 'service' | 'database' | 'messaging' | 'address';
  readonly requests: number;
  readonly errors: number;
  /** Mean of the calls, in ms. */
  readonly meanMs: number;
}

/** What services call; `truncated` where there are more edges than are given. */
export interface ServiceGraph {
  readonly edges: readonly Edge[];
  readonly truncated: boolean;
}

/** All services over the time range. */
export interface ServicesList {
  readonly services: Part<readonly ServiceTotals[]>;
  readonly lines: Part<ServiceLines>;
  readonly graph: Part<ServiceGraph>;
}

/** A time that is compared, Unix ms. */
export interface ComparedTime {
  readonly fromMs: number;
  readonly toMs: number;
  readonly operations: readonly ServiceOperationsRow[];
}

/** A service before and after a version was first seen, as long each. */
export interface Comparison {
  readonly version: string;
  readonly environment: string;
  readonly atMs: number;
  readonly before: ComparedTime;
  readonly after: ComparedTime;
}

/** A service over the time range. Each part fails alone. */
export interface ServiceDetails {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly operations: Part<readonly ServiceOperationsRow[]>;
  readonly steps: Part<{
    readonly fromMs: number;
    readonly toMs: number;
    readonly stepMs: number;
    readonly rows: readonly ServiceStepsRow[];
  }>;
  readonly versions: Part<readonly ServiceVersionsRow[]>;
  readonly graph: Part<ServiceGraph>;
  /** From the spans of the end of the range: since when, Unix ms. */
  readonly instances: Part<{ readonly sinceMs: number; readonly rows: readonly ServiceInstancesRow[] }>;
  readonly errors: Part<readonly ServiceErrorsRow[]>;
}

interface TimeInput {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
}

export interface ServicesContract {
  'GET /api/v1/services': { readonly input: TimeInput; readonly answer: ServicesList };
  'GET /api/v1/services/:name': {
    readonly input: TimeInput & { readonly name: string };
    readonly answer: ServiceDetails;
  };
  /** Before and after a version that was first seen at `at`, Unix ms. */
  'GET /api/v1/services/:name/compare': {
    readonly input: {
      readonly name: string;
      readonly version: string;
      readonly environment: string;
      readonly at: number;
    };
    readonly answer: Comparison;
  };
}
