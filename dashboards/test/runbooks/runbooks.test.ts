import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { renderRunbook } from '../../src/runbooks/render-runbook.ts';
import { addRunbookRoutes } from '../../src/runbooks/runbook-routes.ts';

const RUNBOOKS = new URL('../../../docs/runbooks/', import.meta.url);

test('the Markdown of a runbook becomes HTML, and what it says stays text', () => {
  const page = renderRunbook(
    '# One <b>\n\nSee `a < b`,\nand [Other](Other.md).\n\n- first\n  goes on\n- [more](../alerting/rules.md)\n\n```sql\nSELECT 1 < 2\n```\n',
  )
    .join('')
    .replaceAll(/>\s+</g, '><');
  expect(page).toBe(
    '<h1>One &lt;b&gt;</h1><p>See <code>a &lt; b</code>, and <a href="/runbooks/Other">Other</a>.</p>' +
      '<ul><li>first goes on</li><li>more (<code>alerting/rules.md</code>)</li></ul><pre><code>SELECT 1 &lt; 2</code></pre>',
  );
});

test('every runbook is a page, each link of it leads to another, and there is no other page', async () => {
  const app = Fastify();
  addRunbookRoutes(app);
  const names = (await readdir(RUNBOOKS)).map((file) => file.replace(/\.md$/, ''));
  expect(names.length).toBeGreaterThan(40);
  for (const name of names) {
    const answer = await app.inject({ url: `/runbooks/${name}` });
    expect([name, answer.statusCode]).toEqual([name, 200]);
    const linked = [...answer.body.matchAll(/href="\/runbooks\/(\w+)"/g)].map(([, to = '']) => to);
    expect(linked.filter((to) => !names.includes(to))).toEqual([]);
    // Nothing of the Markdown is left but what stands in code.
    expect(answer.body.replaceAll(/<code>[^]*?<\/code>/g, '')).not.toMatch(/`|\]\(|^#/m);
  }
  expect((await app.inject({ url: '/runbooks/' })).body).toContain('<h1>Runbooks</h1>');
  for (const url of ['/runbooks/Nothing', '/runbooks/..%2farchitecture', '/runbooks/%2e%2e'])
    expect((await app.inject({ url })).statusCode).toBe(404);
  await app.close();
});

test('what a runbook names of the documentation is there', async () => {
  for (const file of await readdir(RUNBOOKS)) {
    const text = readFileSync(new URL(file, RUNBOOKS), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)/g))
      expect(() => readFileSync(new URL(target, new URL(file, RUNBOOKS))), `${file}: ${target}`).not.toThrow();
  }
});
