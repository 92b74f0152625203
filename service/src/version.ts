import manifest from '../package.json' with { type: 'json' };

/** The version of this Tocsin, as `service.version`. */
export const VERSION: string = manifest.version;
