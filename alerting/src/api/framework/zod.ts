import { createRequire } from 'node:module';
import type { z } from 'zod';

/** zod as declarations get it: `(z) => z.strictObject({ … })`. */
export type Zod = typeof z;
/** Makes a schema once zod is there. */
export type SchemaOf<Value> = (z: Zod) => z.ZodType<Value>;

const require = createRequire(import.meta.url);

/** zod, once a request needs it: 17 MiB of a process that nobody asks anything (docs/decisions/0016). Node keeps what it has loaded. */
export function loadZod(): Zod {
  return (require('zod') as { readonly z: Zod }).z;
}

/** A schema that several declarations use: made once, so that it has one name in the OpenAPI document. */
export function sharedSchema<Schema extends z.ZodType>(make: (z: Zod) => Schema): (z: Zod) => Schema {
  let made: Schema | undefined;
  return (z) => (made ??= make(z));
}
