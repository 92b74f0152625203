import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { VERSION } from '@tocsin/service/version';

/** The instrumentation scope of everything a probe sends. */
export const SCOPE = { name: 'tocsin.checker', version: VERSION } as const;

/** The resource of everything a probe sends: this checker at its location. */
export function createProbeResource(location: string): Resource {
  return resourceFromAttributes({
    'service.name': 'tocsin-checker',
    'service.version': VERSION,
    'tocsin.location': location,
  });
}
