import type { AccessContract } from '../access/contract-types.ts';
import type { AlertContract } from '../alerts/contract-types.ts';
import type { ConfigurationContract } from '../configuration/contract-types.ts';
import type { DeploymentsContract } from '../deployments/contract-types.ts';
import type { HomeContract } from '../home/contract-types.ts';
import type { IncidentContract } from '../incidents/contract-types.ts';
import type { KnownContract } from '../known/contract-types.ts';
import type { LogContract } from '../logs/contract-types.ts';
import type { MetricContract } from '../metrics/contract-types.ts';
import type { MonitorContract } from '../monitor/contract-types.ts';
import type { OnCallContract } from '../oncall/contract-types.ts';
import type { OverviewContract } from '../overview/contract-types.ts';
import type { RuleContract } from '../rules/contract-types.ts';
import type { SilenceContract } from '../silences/contract-types.ts';
import type { ServicesContract } from '../services/contract-types.ts';
import type { TraceContract } from '../trace/contract-types.ts';
import type { TracesContract } from '../traces/contract-types.ts';

/**
 * Every endpoint of the console: what goes in and what comes out. The server declares each with `endpoint`, the pages ask with `useApi` and `callApi`;
 * both take their types from here.
 */
export interface Contract
  extends
    AccessContract,
    AlertContract,
    ConfigurationContract,
    DeploymentsContract,
    HomeContract,
    IncidentContract,
    KnownContract,
    LogContract,
    MetricContract,
    MonitorContract,
    OnCallContract,
    OverviewContract,
    RuleContract,
    ServicesContract,
    SilenceContract,
    TraceContract,
    TracesContract {}

export type EndpointKey = keyof Contract;
