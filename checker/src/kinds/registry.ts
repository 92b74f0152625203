import type { MonitorKind } from '@tocsin/service/config';
import { httpKind } from './http/http-kind.ts';
import type { ProbeKind } from './kind.ts';

/** Every kind of monitor; one that the configuration knows and this table lacks does not compile. */
export const kinds = {
  http: httpKind,
} satisfies Record<MonitorKind, ProbeKind>;
