import type { AccessContract } from '../access/contract-types.ts';
import type { ConfigurationContract } from '../configuration/contract-types.ts';
import type { DeploymentsContract } from '../deployments/contract-types.ts';
import type { HomeContract } from '../home/contract-types.ts';
import type { MonitorContract } from '../monitor/contract-types.ts';
import type { OverviewContract } from '../overview/contract-types.ts';
import type { TraceContract } from '../trace/contract-types.ts';

/**
 * Every endpoint of the console: what goes in and what comes out. The server declares each with `endpoint`, the pages ask with `useApi` and `callApi`;
 * both take their types from here.
 */
export interface Contract
  extends
    AccessContract,
    ConfigurationContract,
    DeploymentsContract,
    HomeContract,
    OverviewContract,
    MonitorContract,
    TraceContract {}

export type EndpointKey = keyof Contract;
