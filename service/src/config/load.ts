import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { loadAlertmanager, type LoadedAlertmanager } from './alertmanager-file.ts';
import { type ClickHouseConfig, readClickHouseFiles } from './clickhouse-files.ts';
import { deepFreeze } from './deep-freeze.ts';
import { readDocument, type SourceDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { findListedFiles } from './listed-files.ts';
import { tellKnownKeys } from './known-keys.ts';
import { loadMonitorFiles, withDefaults, withSecrets } from './monitor-files.ts';
import { checkNamedFiles, resolveNamedFiles } from './named-files.ts';
import { checkMonitorGraph, monitorNames } from './monitor-graph.ts';
import { checkOnCallGraph } from './oncall-graph.ts';
import { ConfigError } from './config-error.ts';
import { nameMonitors, problemsOf } from './report.ts';
import type { AlertingConfig } from './schema/alerting/alerting.ts';
import type { Monitor } from './schema/monitors/monitors.ts';
import type { UnauthenticatedListener } from './schema/listeners.ts';
import { root } from './schema/root.ts';
import type { RuleGroup } from './schema/rules.ts';
import { loadRuleFile, loadRuleFiles, type LoadedRules, type RuleSet } from './rule-files.ts';
import type { StatusPageConfig } from './schema/status-page.ts';
import { checkSlos } from './slo-checks.ts';
import { type References, referencesFrom } from './secret-file.ts';
import { fillSecretFiles } from './secret-keys.ts';
import { checkStatusPage, noteLogo, placeLogo } from './status-page-checks.ts';
import { joinSignatures, readSourceText, signFile, type WatchedFiles } from './source-files.ts';
import type { z } from 'zod';

type Sections = z.output<typeof root>;

/** Everything a Tocsin process is told, parsed once, complete and frozen. */
export type TocsinConfig = Readonly<
  Omit<
    Sections,
    | 'rule_files'
    | 'monitor_files'
    | 'defaults'
    | 'shipped_rules'
    | 'clickhouse'
    | 'alerting'
    | 'unauthenticated_listeners'
    | 'status_page'
  >
> & {
  /** With what stands in `alerting.config_file`. */
  readonly alerting: AlertingConfig;
  readonly clickhouse: ClickHouseConfig;
  readonly statusPage: StatusPageConfig;
  /** Listeners without authentication that may be reached from beyond loopback. */
  readonly unauthenticatedListeners: readonly UnauthenticatedListener[];
  /** The groups of all rule files, in the order of the files. The shipped pack is not among them. */
  readonly ruleGroups: readonly RuleGroup[];
  /** Whether the shipped rule pack is evaluated as well. */
  readonly shippedRules: boolean;
  /** What a reload watches. */
  readonly watched: WatchedFiles;
};

/** Where the configuration comes from. `file` undefined means all defaults. */
export interface ConfigSource {
  readonly file: string | undefined;
  readonly env: Environment;
  /** Against this folder relative paths are shown in problems; paths inside the file resolve against the file. */
  readonly workingDir: string;
}

/**
 * Reads `tocsin.yaml` and the rule files it names, strictly and whole.
 * @throws ConfigError with every problem of every file
 */
export async function loadConfig({ file, env, workingDir }: ConfigSource): Promise<TocsinConfig> {
  const path = file === undefined ? undefined : resolve(workingDir, file);
  const shown = (absolute: string): string => showPath(absolute, workingDir);
  const folder = dirname(path ?? resolve(workingDir, 'tocsin.yaml'));
  const secretFiles = new Set<string>();
  const logoFiles = new Set<string>();
  const referencesIn = (home: string): References => referencesFrom(env, home, (file) => secretFiles.add(file));
  const references = referencesIn(folder);
  const signature = path === undefined ? [] : [await signFile(path)];
  const source =
    path === undefined ? readDocument('(defaults)', '{}', references) : await readSource(path, shown(path), references);
  const filled = fillSecretFiles(source, references);
  noteLogo(source, folder, logoFiles);
  const parsed = root.safeParse(withDefaults(filled.value), { error: tellKnownKeys });
  const issues = source.isBroken ? [] : (parsed.error?.issues ?? []);
  const [ruleFiles, monitorFiles] = await Promise.all([
    findListedFiles(source, ['rule_files'], folder),
    findListedFiles(source, ['monitor_files'], folder),
  ]);
  const listed = await loadMonitorFiles(monitorFiles.files, source.value, references, shown);
  const rules = await loadRuleFiles(ruleFiles.files, shown);
  const alertmanager = await loadAlertmanager(source, folder, shown, referencesIn);
  const server = parsed.success ? await readClickHouseFiles(parsed.data.clickhouse, source, folder) : undefined;
  const found = [...source.problems, ...filled.problems, ...problemsOf(issues, source), ...(server?.problems ?? [])];
  const graph = checkMonitorGraph(source, [source, ...listed.sources]);
  const names = monitorNames([source, ...listed.sources]);
  const rollupsMs = parsed.data?.collector.retention.rollupsMs;
  const problems = nameMonitors(
    [
      ...found.sort((a, b) => a.line - b.line),
      ...graph,
      ...checkOnCallGraph(source, alertmanager.routing?.receivers),
      ...checkNamedFiles([source, ...listed.sources], folder),
      ...monitorFiles.problems,
      ...listed.problems,
      ...ruleFiles.problems,
      ...rules.problems,
      ...alertmanager.problems,
      ...checkSlos({ sources: [source, ...rules.sources], monitors: names, rollupsMs }),
      ...checkStatusPage(source, [source, ...listed.sources], folder),
    ],
    [source, ...listed.sources],
  );
  const others = await signPresent([...secretFiles, ...logoFiles]);
  const signatures = [rules, listed, alertmanager].flatMap((part) => part.signatures);
  const watched = {
    configFile: path,
    patterns: [...ruleFiles.patterns, ...monitorFiles.patterns, ...alertmanager.patterns, ...secretFiles, ...logoFiles],
    folder,
    secretFiles: [...secretFiles],
    signature: joinSignatures([...signature, ...signatures, ...others]),
  };
  if (problems.length > 0 || !parsed.success || !server) throw new ConfigError(problems, watched);

  const {
    rule_files: _r,
    monitor_files: _m,
    defaults: _d,
    shipped_rules: shippedRules,
    unauthenticated_listeners: unauthenticatedListeners,
    status_page: statusPage,
    ...sections
  } = parsed.data;
  const placed = resolveNamedFiles([...withSecrets(sections.monitors, source), ...listed.monitors], folder);
  return deepFreeze({
    ...sections,
    collector: { ...sections.collector, tls: placeTlsFiles(sections.collector.tls, folder) },
    clickhouse: server.clickhouse,
    alerting: placeAlertmanager(sections.alerting, alertmanager),
    monitors: placeMaintenance(placed, sections.maintenance),
    statusPage: placeLogo(statusPage, folder),
    shippedRules,
    unauthenticatedListeners,
    ruleGroups: rules.groups,
    slos: [...sections.slos, ...rules.slos],
    watched,
  });
}

/** A path as problems name it: from the folder that one works in where it lies below. */
function showPath(absolute: string, workingDir: string): string {
  const short = relative(workingDir, absolute);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? absolute : short;
}

/** As for patterns, a file that is not there has no signature until it appears. */
async function signPresent(files: readonly string[]): Promise<string[]> {
  return (await Promise.all(files.map(signFile))).filter((text) => !text.endsWith(':absent'));
}

/** The section with what other files say in its place. */
function placeAlertmanager(
  { configFile: _c, ...section }: Sections['alerting'],
  { routing, templates }: LoadedAlertmanager,
): AlertingConfig {
  return { ...section, ...routing, templates };
}

/** Relative paths are from the folder of the configuration. The collector reads the files, again and again. */
function placeTlsFiles(tls: Sections['collector']['tls'], folder: string): Sections['collector']['tls'] {
  return tls && { certFile: resolve(folder, tls.certFile), keyFile: resolve(folder, tls.keyFile) };
}

/** Every monitor with all of its windows: its own, and those of the configuration that are for it. */
function placeMaintenance(monitors: readonly Monitor[], windows: Sections['maintenance']): Monitor[] {
  if (windows.length === 0) return [...monitors];
  return monitors.map((monitor) => {
    const more = windows.filter(({ monitors: names }) => names === undefined || names.includes(monitor.name));
    return { ...monitor, maintenance: [...monitor.maintenance, ...more] };
  });
}

async function readSource(path: string, shown: string, references: References): Promise<SourceDocument> {
  const source = await readSourceText(path);
  if (source.status === 'ok') return readDocument(shown, source.text, references);
  const { expected, found } = source;
  throw new ConfigError([{ file: shown, line: 1, path: '', expected, found }]);
}

/**
 * Reads one rule file by itself, as strictly as those of the configuration.
 * @param shown the file's name in problems, and `file` of its groups
 * @throws ConfigError with every problem of the file
 */
export async function loadRuleGroups(path: string, shown: string = path): Promise<readonly RuleGroup[]> {
  return (await loadRules(path, shown)).groups;
}

/** One rule file by itself, with its SLOs. @throws ConfigError with every problem of the file */
export async function loadRules(path: string, shown: string = path): Promise<RuleSet> {
  const loaded: LoadedRules = { groups: [], slos: [], sources: [], signatures: [], problems: [] };
  await loadRuleFile(path, shown, loaded);
  if (loaded.problems.length > 0) throw new ConfigError(loaded.problems);
  return deepFreeze({ groups: loaded.groups, slos: loaded.slos });
}
