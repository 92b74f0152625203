import { formatDurationMs, formatRate, formatShare } from '../../../src/html/format.ts';
import type { ServiceLine } from '../../../src/home/contract-types.ts';
import { Sparkline } from './sparkline.tsx';

/** From this share of failed requests on, the number is marked. */
const BAD_ERROR_SHARE = 0.05;

/** What a row of a service begins with, on every page that lists them: its name, then requests, errors and p99, each with its line. */
export function ServiceCells({
  service: { name, requestsPerSecond, errorShare, p99Ms },
  line,
}: {
  readonly service: {
    readonly name: string;
    readonly requestsPerSecond: number;
    readonly errorShare?: number | undefined;
    readonly p99Ms?: number | undefined;
  };
  readonly line: ServiceLine | undefined;
}) {
  const isBad = errorShare !== undefined && errorShare >= BAD_ERROR_SHARE;
  return (
    <>
      <td class="name">
        <a href={`/service/${encodeURIComponent(name)}`}>
          <bdi>{name}</bdi>
        </a>
      </td>
      <td class="number" data-label="Requests/s">
        {formatRate(requestsPerSecond)}
      </td>
      <td class="line">{line && <Sparkline values={line.requests} label="Requests" />}</td>
      <td class="number" data-label="Errors">
        <span class={isBad ? 'bad' : undefined}>{errorShare === undefined ? '–' : formatShare(errorShare)}</span>
      </td>
      <td class="line">{line && <Sparkline values={line.errorShares} label="Share of errors" tone="down" />}</td>
      <td class="number" data-label="p99">
        {p99Ms === undefined ? '–' : formatDurationMs(p99Ms)}
      </td>
      <td class="line">{line && <Sparkline values={line.p99sMs} label="p99" />}</td>
    </>
  );
}
