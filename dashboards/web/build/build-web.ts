import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build, createServer, type InlineConfig, type Plugin } from 'vite';

const WEB = join(import.meta.dirname, '..');
const DIST = join(WEB, 'dist');
/** What the pages may be made of. `deploy/bin/build-web.mjs` builds again when one of the first two has changed. */
const SOURCES = [join(WEB, 'src'), join(WEB, '../src/html'), 'node_modules'];
const PACKED = new Set(['.js', '.css', '.html', '.svg']);

const CONFIG: InlineConfig = {
  root: WEB,
  configFile: false,
  logLevel: 'warn',
  publicDir: join(WEB, 'public'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};

/** Builds the application into `dashboards/web/dist`, each file also gzipped beside itself. */
export async function buildWeb(): Promise<void> {
  await build({
    ...CONFIG,
    plugins: [refuseOtherSources()],
    build: {
      outDir: DIST,
      emptyOutDir: true,
      target: 'es2022',
      // The policy lets no text become an inline style or image of ours that it does not need; small files stay files.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: 'manifest.json',
      reportCompressedSize: false,
    },
  });
  const pack = promisify(gzip);
  for (const entry of await readdir(DIST, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && PACKED.has(extname(file)))
      await writeFile(`${file}.gz`, await pack(await readFile(file), { level: 9 }));
  }
}

/** Serves the sources for development, renewed as they change. @param consoleUrl of a running console. @returns where */
export async function serveWeb(consoleUrl: string): Promise<string> {
  const server = await createServer({
    ...CONFIG,
    server: { host: '127.0.0.1', proxy: { '/api': { target: consoleUrl } } },
  });
  await server.listen();
  return server.resolvedUrls?.local[0] ?? '';
}

/** Everything but types comes from folders that are known, or a change there would not be seen. */
function refuseOtherSources(): Plugin {
  return {
    name: 'tocsin-sources',
    load(id) {
      const file = id.split('?', 1)[0] ?? '';
      if (!file.startsWith(sep) || file === join(WEB, 'index.html')) return;
      if (!SOURCES.some((folder) => file.includes(`${folder}${sep}`)))
        this.error(`${file} may give the pages types only: they are made of ${SOURCES.join(', ')}`);
    },
  };
}
