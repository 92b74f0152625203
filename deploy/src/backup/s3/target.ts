import type { S3Place } from './client.ts';

/** `s3://bucket/prefix`, with where it is and who asks. */
export interface S3Target extends S3Place {
  /** Ends with a slash, or is empty. */
  readonly prefix: string;
}

/**
 * Reads `s3://bucket/prefix` and AWS's own environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`.
 * @returns in words what is missing
 */
export function readS3Target(target: string, env: Readonly<Record<string, string | undefined>>): S3Target | string {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/.exec(target);
  if (!match) return `TARGET: expected s3://BUCKET/PREFIX, found ${JSON.stringify(target)}`;
  const [, bucket = '', path = ''] = match;
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  if (!accessKeyId || !secretAccessKey)
    return 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: expected the keys of S3 in the environment';
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1';
  const named = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || `https://s3.${region}.amazonaws.com`;
  const endpoint = URL.parse(named);
  if (!endpoint || !/^https?:$/.test(endpoint.protocol))
    return `AWS_ENDPOINT_URL_S3: expected an http(s) URL, found ${JSON.stringify(named)}`;
  const prefix = path === '' ? '' : `${path.replace(/\/+$/, '')}/`;
  const credentials = { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] || undefined };
  return { endpoint, bucket, region, prefix, credentials };
}

/** Whether a target is no path. */
export function isUrl(target: string): boolean {
  return /^[a-z0-9]+:\/\//i.test(target);
}
