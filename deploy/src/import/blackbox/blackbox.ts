import { parseGoDuration, writeDuration } from '../durations.ts';
import type { Fields } from '../fields.ts';
import { type Imported, ImportError, type ImportedMonitor, type Settings } from '../imported.ts';
import { readYaml } from '../read-yaml.ts';
import { httpSettings, httpUrlOf } from './http-module.ts';
import { dnsSettings, grpcSettings, icmpSettings, tcpSettings, webSocketSettings } from './other-modules.ts';
import type { ProbeTarget } from './targets.ts';

const PROBERS = ['http', 'tcp', 'dns', 'icmp', 'grpc', 'websocket'];
/** blackbox_exporter has no limit of its own; Prometheus's scrape timeout is ten seconds. */
const TIMEOUT_MS = 10_000;
const INTERVAL_MS = 60_000;

/**
 * Reads the modules of blackbox_exporter. Each target that Prometheus probes is a monitor; a module without a target is written as a comment.
 * @throws ImportError where it has no modules
 */
export function importBlackbox(text: string, file: string, targets: readonly ProbeTarget[]): Imported {
  const root = readYaml(text, file, "blackbox_exporter's configuration, with `modules`");
  const modules = root.at('modules');
  if (modules.keys().length === 0) {
    const found = root.keys().slice(0, 5).join(', ') || 'an empty mapping';
    throw new ImportError(`${file}: expected blackbox_exporter's configuration, with \`modules\`; found ${found}`);
  }
  const names = modules.keys();
  const monitors = names.flatMap((name) => {
    const own = targets.filter(({ module }) => module === name);
    if (own.length > 0) return own.map((target) => importModule(modules.at(name), target));
    const sample = { job: name, module: name, target: 'target.example', intervalMs: INTERVAL_MS };
    const commentedBecause = 'no target is known (--targets prometheus.yml); target.example stands for it';
    return [{ ...importModule(modules.at(name), sample), commentedBecause }];
  });
  const unknown = [...new Set(targets.map(({ module }) => module).filter((module) => !names.includes(module)))];
  return { monitors, notes: unknown.map((module) => `targets of the module ${module}, which is not in ${file}`) };
}

function importModule(module: Fields, { job, target, intervalMs }: ProbeTarget): ImportedMonitor {
  const notes: string[] = [];
  const timeoutMs = parseGoDuration(module.text('timeout') ?? '') ?? TIMEOUT_MS;
  const isSample = target === 'target.example';
  const prober = module.text('prober') ?? '';
  const isUnknown = !PROBERS.includes(prober);
  const settings = {
    name: isSample ? job : `${job} ${target}`,
    ...targetSettings(module, target, notes),
    interval: writeDuration(Math.max(1_000, intervalMs)),
    timeout: writeDuration(timeoutMs),
  };
  if (!isUnknown) return { settings, notes: [...notes, ...module.unread()] };
  return { settings, notes: [], commentedBecause: `Tocsin does not take it (it has no kind for ${prober})` };
}

function targetSettings(module: Fields, target: string, notes: string[]): Settings {
  const prober = module.text('prober') ?? '';
  switch (prober) {
    case 'http':
      return { http: httpUrlOf(target), ...httpSettings(module.at('http'), notes) };
    case 'tcp':
      return { tcp: target, ...tcpSettings(module.at('tcp'), target, notes) };
    case 'dns':
      return dnsSettings(module.at('dns'), target, notes);
    case 'icmp':
      return { icmp: target, ...icmpSettings(module.at('icmp'), notes) };
    case 'websocket':
      return webSocketSettings(module.at('websocket'), target, notes);
    case 'grpc':
      return { grpc: target, ...grpcSettings(module.at('grpc'), notes) };
    default:
      // Our schema says which targets there are.
      return { [prober || 'prober']: target };
  }
}
