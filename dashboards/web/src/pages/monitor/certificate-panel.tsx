import type { MonitorExpiryRow } from '../../../../src/queries/monitor-expiry.ts';
import { Moment } from '../../parts/moment.tsx';
import { Panel } from '../../parts/panel.tsx';
import { wordsOfEnd } from './certificate-words.ts';

/** When the certificate ends, by location. */
export function CertificatePanel({
  certificates,
  nowMs,
}: {
  readonly certificates: readonly MonitorExpiryRow[];
  readonly nowMs: number;
}) {
  return (
    <Panel title="Certificate" aside="as the newest run of each location saw it">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Location</th>
            <th scope="col">Earliest end of all that were sent</th>
            <th scope="col">End of the verified path</th>
            <th scope="col">Seen</th>
          </tr>
        </thead>
        <tbody>
          {certificates.map(({ location, at_ms, earliest_ms, verified_ms, protocol, distrust }) => (
            <tr key={location}>
              <td class="name">
                <bdi>{location}</bdi>
              </td>
              <td data-label="Earliest end">
                <End atMs={earliest_ms} nowMs={nowMs} otherwise="not said" />
              </td>
              <td data-label="Verified end">
                <span>
                  <End atMs={verified_ms} nowMs={nowMs} otherwise="nothing was verified" />
                  {distrust !== '' && (
                    <span class="bad small">
                      {' '}
                      <bdi>{distrust}</bdi>
                    </span>
                  )}
                </span>
              </td>
              <td class="soft" data-label="Seen">
                <span>
                  <Moment atMs={at_ms} precision="minute" />
                  {protocol !== '' && (
                    <>
                      , <bdi>TLS {protocol}</bdi>
                    </>
                  )}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function End({
  atMs,
  nowMs,
  otherwise,
}: {
  readonly atMs: number | null;
  readonly nowMs: number;
  readonly otherwise: string;
}) {
  if (atMs === null) return <span class="soft">{otherwise}</span>;
  const { words, isBad } = wordsOfEnd(atMs, nowMs);
  return (
    <span>
      <Moment atMs={atMs} precision="day" /> <span class={isBad ? 'bad' : 'soft'}>{words}</span>
    </span>
  );
}
