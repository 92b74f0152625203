import { fileURLToPath } from 'node:url';
import { loadRuleGroups, type RuleGroup } from '@tocsin/service/config';
import { readRuleGroupsApart } from '@tocsin/service/read-apart';

const FILE = fileURLToPath(new URL('../../rules/shipped.yaml', import.meta.url));
const SHOWN = '(shipped)';

/** The rules that ship with Tocsin (`alerting/rules/shipped.yaml`). Their file shows as `(shipped)`, which no path of a user is. */
export function loadShippedGroups(): Promise<readonly RuleGroup[]> {
  return loadRuleGroups(FILE, SHOWN);
}

/** The same, read by a process that ends with it: for one that runs for long. */
export function readShippedGroups(): Promise<readonly RuleGroup[]> {
  return readRuleGroupsApart(FILE, SHOWN);
}
