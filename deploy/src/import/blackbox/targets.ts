import { parseGoDuration } from '../durations.ts';
import { ImportError } from '../imported.ts';
import { readYaml } from '../read-yaml.ts';

/** A target that Prometheus has probed with a module. */
export interface ProbeTarget {
  readonly job: string;
  readonly module: string;
  readonly target: string;
  readonly intervalMs: number;
}

/** Prometheus's own. */
const INTERVAL_MS = 60_000;

/**
 * Reads what a prometheus.yml has probed: the scrape configurations with `metrics_path: /probe` and their static targets.
 * @throws ImportError where it is not Prometheus's configuration
 */
export function readTargets(text: string, file: string): { targets: readonly ProbeTarget[]; notes: readonly string[] } {
  const root = readYaml(text, file, "Prometheus's configuration, with `scrape_configs`");
  if (!root.has('scrape_configs')) {
    throw new ImportError(
      `${file}: expected Prometheus's configuration, with \`scrape_configs\`; found ${root.keys().slice(0, 5).join(', ') || 'an empty mapping'}`,
    );
  }
  const byDefault = parseGoDuration(root.at('global').text('scrape_interval') ?? '') ?? INTERVAL_MS;
  const targets: ProbeTarget[] = [];
  const notes: string[] = [];
  for (const [index, scrape] of root.list('scrape_configs').entries()) {
    const job = scrape.text('job_name') ?? `scrape_configs[${index}]`;
    const [module, ...more] = scrape.at('params').texts('module');
    if (scrape.text('metrics_path') !== '/probe' || module === undefined) continue;
    if (more.length > 0) notes.push(`${job}: only the first of its modules`);
    const intervalMs = parseGoDuration(scrape.text('scrape_interval') ?? '') ?? byDefault;
    for (const group of scrape.list('static_configs')) {
      for (const target of group.texts('targets')) targets.push({ job, module, target, intervalMs });
    }
    const discovered = scrape.keys().filter((key) => key.endsWith('_sd_configs'));
    if (discovered.length > 0) notes.push(`${job}: targets of ${discovered.join(', ')}`);
  }
  return { targets, notes };
}
