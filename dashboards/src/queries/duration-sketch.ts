/**
 * The duration in nanoseconds that a bucket of `otel_traces_service_1m` stands for, as SQL: bucket b holds durations from 2^(b/8) up to
 * 2^((b+1)/8) ns and stands for their geometric middle, so it is wrong by 2^(1/16) - 1 = 4.4 % at most; -1 holds those of zero.
 * @param bucket an SQL expression, as `quantileExactWeighted(0.99)(DurationBucket, Requests)`
 */
export function durationOfBucket(bucket: string): string {
  return `if(${bucket} < 0, 0, exp2((${bucket} + 0.5) / 8))`;
}
