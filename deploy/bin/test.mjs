#!/usr/bin/env node
// The command `npm test`: installs what is missing, runs every check and every suite, and ends with one line of numbers.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureWebBuilt } from './build-web.mjs';
import { COMPILE_CACHE, ensureInstalled, ROOT } from './install.mjs';

const CHECKS = [
  ['format', 'prettier', '--check', '--cache', '--log-level', 'warn', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '--noEmit'],
  ['types of web', 'tsc', '--noEmit', '-p', 'dashboards/web'],
];
const CORES = availableParallelism();
/**
 * The runs of vitest. Unit tests measure times and have a core each. Of the others each file has an engine and ports of its own, and much of the time is
 * waiting: one worker more. End-to-end tests go first (vitest takes projects by name); while a whole Tocsin waits for its clock, the rest has the cores.
 */
const RUNS = [
  { suites: ['unit'], workers: CORES },
  { suites: ['integration', 'e2e'], workers: CORES + 1 },
];

const failure = ensureInstalled() ?? ensureWebBuilt();
if (failure === undefined) await runAll();
else {
  process.stderr.write(`${failure}\n`);
  process.exitCode = 1;
}

async function runAll() {
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  const note = (name, result, beganMs) => {
    for (const key of Object.keys(total)) total[key] += result[key];
    const counts = formatCounts(result);
    lines.push(`${name.padEnd(16)} ${((Date.now() - beganMs) / 1_000).toFixed(1).padStart(6)} s  ${counts}`);
  };
  // At the same time: one of them uses one core, the others two for a part of their time.
  await Promise.all(
    CHECKS.map(async ([name, ...command]) => {
      const beganMs = Date.now();
      const good = await check(name, command);
      note(name, good ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }, beganMs);
    }),
  );
  for (const { suites, workers } of RUNS) {
    const beganMs = Date.now();
    const report = join(scratch, `${suites.join('-')}.json`);
    const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests'];
    const projects = suites.flatMap((suite) => ['--project', suite]);
    const name = suites.join(', ');
    const good = run(name, ['vitest', 'run', ...projects, ...options, `--maxWorkers=${workers}`]);
    note(name, readReport(report, good), beganMs);
  }
  rmSync(scratch, { recursive: true, force: true });
  process.stdout.write(`\n${lines.join('\n')}\n\n${formatCounts(total)}\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** Runs a suite. @returns {boolean} whether it said that all is well */
function run(name, command) {
  process.stdout.write(`\n== ${name}\n`);
  const [program, args, options] = toolOf(command);
  return spawnSync(program, args, { ...options, stdio: 'inherit' }).status === 0;
}

/** Runs a check beside others; what it says comes when it has ended. @returns {Promise<boolean>} whether it said that all is well */
function check(name, command) {
  const [program, args, options] = toolOf(command);
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => void (said += text));
  return new Promise((resolve) => {
    child.on('error', (error) => void (said += `${error.message}\n`));
    child.on('close', (code) => {
      process.stdout.write(`\n== ${name}\n${said}`);
      resolve(code === 0);
    });
  });
}

/** How a tool of the workspace is started on the pinned Node: the arguments of `spawn`. */
function toolOf([tool, ...args]) {
  const bin = join(ROOT, 'node_modules/.bin');
  // Hundreds of processes load the same code: with what Node has compiled kept, each start takes a third less of a core.
  const env = { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  return [join(bin, tool), args, { cwd: ROOT, env }];
}

/** Counts what a run's report says. A run that failed without a failed test (an error outside one, a crash) counts as one. */
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
