#!/usr/bin/env node
// The command `npm test`: installs what is missing, runs every check and every suite, and ends with one line of numbers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureWebBuilt } from './build-web.mjs';
import { ensureInstalled, ROOT } from './install.mjs';

const CHECKS = [
  ['format', 'prettier', '--check', '--cache', '--log-level', 'warn', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '--noEmit'],
  ['types of web', 'tsc', '--noEmit', '-p', 'dashboards/web'],
];
const SUITES = ['unit', 'integration', 'e2e'];

const failure = ensureInstalled() ?? ensureWebBuilt();
if (failure === undefined) runAll();
else {
  process.stderr.write(`${failure}\n`);
  process.exitCode = 1;
}

function runAll() {
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  const note = (name, result, beganMs) => {
    for (const key of Object.keys(total)) total[key] += result[key];
    const counts = formatCounts(result);
    lines.push(`${name.padEnd(12)} ${((Date.now() - beganMs) / 1_000).toFixed(1).padStart(6)} s  ${counts}`);
  };
  for (const [name, ...command] of CHECKS) {
    const beganMs = Date.now();
    note(
      name,
      run(name, command) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 },
      beganMs,
    );
  }
  for (const suite of SUITES) {
    const beganMs = Date.now();
    const report = join(scratch, `${suite}.json`);
    const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests'];
    // Each file has an engine and ports of its own, and much of the time is waiting: one worker for each core.
    if (suite !== 'e2e') options.push('--maxWorkers=100%');
    const good = run(suite, ['vitest', 'run', '--project', suite, ...options]);
    note(suite, readReport(report, good), beganMs);
  }
  rmSync(scratch, { recursive: true, force: true });
  process.stdout.write(`\n${lines.join('\n')}\n\n${formatCounts(total)}\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** Runs a tool of the workspace on the pinned Node. @returns {boolean} whether it said that all is well */
function run(name, [tool, ...args]) {
  process.stdout.write(`\n== ${name}\n`);
  const bin = join(ROOT, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  return spawnSync(join(bin, tool), args, { cwd: ROOT, stdio: 'inherit', env }).status === 0;
}

/** Counts what a suite's report says. A suite that failed without a failed test (an error outside one, a crash) counts as one. */
function readReport(file, good) {
  const none = { passed: 0, failed: good ? 0 : 1, skipped: 0 };
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return none;
    throw error;
  }
  const failed = report.numFailedTests;
  return {
    passed: report.numPassedTests,
    failed: good || failed > 0 ? failed : Math.max(1, report.numFailedTestSuites),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
