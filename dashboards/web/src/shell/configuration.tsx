import { useApi } from '../api/use-api.ts';
import { zone } from '../state/settings.ts';
import { formatMoment, viewerZone } from '../words/moment.ts';

/** Says where a changed configuration could not be read, and when what is used was. */
export function ConfigurationState() {
  const { value } = useApi('GET /api/v1/configuration', {});
  const processes = value?.processes ?? [];
  if (processes.length === 0) return null;
  const stale = processes.filter(({ isCurrent }) => !isCurrent);
  const readMs = Math.max(...(stale.length > 0 ? stale : processes).map((one) => one.readMs));
  const read = formatMoment(readMs, zone.value === 'utc' ? 'UTC' : viewerZone());
  if (stale.length === 0)
    return (
      <span class="live on" title={`Every process uses the configuration as it is; it was read ${read}`}>
        config
      </span>
    );
  const who = [...new Set(stale.map(({ service }) => service.replace('tocsin-', '')))].join(', ');
  return (
    <span class="live off" role="status">
      <a
        href="/runbooks/ConfigReloadFailed"
        target="_blank"
        rel="noreferrer"
        title={`The changed configuration cannot be read by ${who}; the one read ${read} is used`}
      >
        config not read
      </a>
    </span>
  );
}
