import { VERSION } from '@tocsin/service/version';
import type { AttributeMap } from '../attributes.ts';

/** The instrumentation scope of everything a probe sends. */
export const SCOPE = { name: 'tocsin.checker', version: VERSION } as const;

/** The resource of everything a probe sends: this checker at its location. */
export function createProbeResource(location: string): AttributeMap {
  return {
    'service.name': 'tocsin-checker',
    'service.version': VERSION,
    'tocsin.location': location,
  };
}
