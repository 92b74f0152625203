import { randomUUID } from 'node:crypto';
import { VERSION } from '@tocsin/service/version';
import type { AttributeMap } from '../attributes.ts';

/** The instrumentation scope of everything a probe sends. */
export const SCOPE = { name: 'tocsin.checker', version: VERSION } as const;

/** The resource of everything a probe sends: this checker at its location. Its id tells it from another that was given the same location. */
export function createProbeResource(location: string, instanceId: string = randomUUID()): AttributeMap {
  return {
    'service.name': 'tocsin-checker',
    'service.version': VERSION,
    'service.instance.id': instanceId,
    'tocsin.location': location,
  };
}
