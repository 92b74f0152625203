import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../src/config/index.ts';
import { slugOf } from '../src/config/schema/status-page.ts';
import { report } from './report.ts';

const MONITORS = `monitors:
  - { name: shop, http: 'http://localhost/', maintenance: [{ name: own, time: '02:00', duration: 1h }] }
  - { name: pay, http: 'http://localhost/' }
maintenance: [{ name: move, start: 2030-01-01T00:00, end: 2030-01-02T00:00 }]
`;
const page = (text: string): string => `${MONITORS}status_page: ${text}`;

/** One sample for each way to be wrong: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'a monitor that is not there',
    page('{ monitors: [nobody] }'),
    'tocsin.yaml:5: status_page.monitors[0]: expected the name of a monitor, found "nobody"',
  ],
  [
    'a monitor in a group that is not there',
    page('{ groups: [{ name: Web, monitors: [shop, { monitor: nobody }] }] }'),
    'tocsin.yaml:5: status_page.groups[0].monitors[1]: expected the name of a monitor, found "nobody"',
  ],
  [
    'a monitor twice',
    page('{ monitors: [shop], groups: [{ name: Web, monitors: [shop] }] }'),
    'tocsin.yaml:5: status_page.groups[0].monitors[0]: expected each monitor once, found "shop"',
  ],
  [
    'two names with one address',
    page('{ monitors: [{ monitor: shop, name: The Shop }, { monitor: pay, name: the-shop }] }'),
    'tocsin.yaml:5: status_page.monitors[1]: expected a name that differs from "The Shop" in a letter or a digit, found a mapping',
  ],
  [
    'a name that is no address',
    page('{ monitors: [{ monitor: shop, name: "—" }] }'),
    'tocsin.yaml:5: status_page.monitors[0]: expected a name with a letter or a digit, found a mapping',
  ],
  [
    'a window that is not there',
    page('{ maintenance: [own, { window: move }, other] }'),
    'tocsin.yaml:5: status_page.maintenance[2]: expected the name of a maintenance window, found "other"',
  ],
  [
    'a colour by its name',
    page('{ color: blue }'),
    'tocsin.yaml:5: status_page.color: expected a colour such as #0b57c2, found "blue"',
  ],
  [
    'a host with a port',
    page("{ hosts: ['status.example:443'] }"),
    'tocsin.yaml:5: status_page.hosts[0]: expected a host name without a port, found "status.example:443"',
  ],
  [
    'a logo that is not there',
    page('{ logo_file: logo.svg }'),
    'tocsin.yaml:5: status_page.logo_file: expected a picture that is there (.svg, .png, .jpg or .webp) of at most 256KiB, found "logo.svg"',
  ],
];

describe('the status page in the configuration', () => {
  it.each(WRONG)('%s is named', async (_way, yaml, line) => {
    expect(await report(yaml)).toEqual([line]);
  });

  it('refuses a logo that is no picture, or too large for everybody to load', async () => {
    const text = page('{ logo_file: logo.FILE }');
    for (const [ending, content] of [
      ['txt', 'a'],
      ['png', 'a'.repeat(256 * 1_024 + 1)],
    ] as const) {
      const lines = await report({ 'tocsin.yaml': text.replace('FILE', ending), [`logo.${ending}`]: content });
      expect(lines).toEqual([expect.stringContaining('status_page.logo_file: expected a picture')]);
    }
    expect(await report({ 'tocsin.yaml': text.replace('FILE', 'png'), 'logo.png': 'a' })).toEqual([]);
  });

  it('is read with monitors of their own first, names for the public, and addresses from these', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-status-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'tocsin.yaml');
    const text = page(`
  color: '#0AF'
  monitors: [shop]
  groups:
    - name: Money
      monitors: [{ monitor: pay, name: Card payments, response_times: false }]
  maintenance: [{ window: move, title: We move }]`);
    await writeFile(file, text);
    const { statusPage } = await loadConfig({ file, env: {}, workingDir: folder });
    expect(statusPage).toMatchObject({
      listen: { host: '127.0.0.1', port: 7603 },
      name: 'Status',
      color: '#00aaff',
      groups: [
        { name: undefined, monitors: [{ monitor: 'shop', name: 'shop', slug: 'shop', showsResponseTimes: true }] },
        {
          name: 'Money',
          monitors: [{ monitor: 'pay', name: 'Card payments', slug: 'card-payments', showsResponseTimes: false }],
        },
      ],
      maintenance: [{ window: 'move', title: 'We move' }],
      maintenanceAheadMs: 7 * 86_400_000,
    });
  });

  it.each([
    ['Card payments (EU)', 'card-payments-eu'],
    ['Überweisung', 'überweisung'],
    ['決済', '決済'],
    ['../../x', 'x'],
  ])('makes an address of %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });
});
