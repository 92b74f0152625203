import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

/*
 * The script that starts Grafana, with programs that note how they are called in the place of Grafana and of container engines: there are none here.
 */
const SCRIPT = fileURLToPath(new URL('../../grafana/start.sh', import.meta.url));
const HERE = fileURLToPath(new URL('../../grafana', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-grafana-'));
  await mkdir(join(folder, 'bin'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that writes its arguments and Grafana's environment into the folder; as `cli` it makes the plugin's folder. */
async function place(name: string): Promise<void> {
  const file = join(folder, 'bin', name);
  await writeFile(
    file,
    `#!/bin/sh
{ echo "${name} $*"; env | grep -E '^(GF_|TOCSIN_)' | sort; } >> ${join(folder, 'calls')}
for last; do :; done
[ "$1" != cli ] || mkdir -p "$GF_PATHS_PLUGINS/$last"
`,
  );
  await chmod(file, 0o755);
}

function start(...args: string[]): Promise<{ code: number; stderr: string; calls: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; stderr: string }>();
  const env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    GRAFANA: '/opt/grafana',
    GRAFANA_DATA: join(folder, 'data'),
  };
  const child = execFile(SCRIPT, args, { env, cwd: folder }, (_error, _stdout, stderr) =>
    resolve({ code: child.exitCode ?? -1, stderr }),
  );
  return promise.then(async (ended) => ({
    ...ended,
    calls: await readFile(join(folder, 'calls'), 'utf8').catch(() => ''),
  }));
}

test('with a container engine one container runs, on the network of the host, with our files in it', async () => {
  await place('podman');
  const { code, calls } = await start('podman');
  expect(code).toBe(0);
  expect(calls).toMatch(/^podman run --rm --network host /);
  for (const part of [
    'GF_SERVER_HTTP_ADDR=127.0.0.1',
    'GF_SERVER_HTTP_PORT=3001',
    'GF_PLUGINS_PREINSTALL_SYNC=grafana-clickhouse-datasource',
    'TOCSIN_GRAFANA=/etc/tocsin',
    `${HERE}/provisioning:/etc/grafana/provisioning:ro`,
    `${HERE}/dashboards:/etc/tocsin/dashboards:ro`,
  ])
    expect(calls).toContain(part);
});

test('without one the plugin is installed once, and Grafana is started with our files', async () => {
  await place('grafana');
  await start('native');
  const { code, calls } = await start('native');
  expect(code).toBe(0);
  expect(calls.match(/^grafana .*$/gm)).toEqual([
    `grafana cli --homepath /opt/grafana --pluginsDir ${join(folder, 'data', 'plugins')} plugins install grafana-clickhouse-datasource`,
    'grafana server --homepath /opt/grafana',
    'grafana server --homepath /opt/grafana',
  ]);
  expect(calls).toContain(`GF_PATHS_PROVISIONING=${HERE}/provisioning`);
  expect(calls).toContain(`TOCSIN_GRAFANA=${HERE}`);
  expect(calls).toContain('GF_SERVER_HTTP_ADDR=127.0.0.1');
});

test('what is there is taken where nothing is said, and a wrong word is refused', async () => {
  await place('docker');
  await place('grafana');
  expect((await start()).calls).toMatch(/^docker run /);
  expect(await start('vagrant')).toMatchObject({
    code: 2,
    stderr: "'docker', 'podman' or 'native' was expected, not 'vagrant'\n",
  });
});
