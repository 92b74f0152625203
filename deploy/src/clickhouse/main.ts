// Both are read by native code when it first runs, so they are set before anything else is loaded. Threads: every lane's
// places (see LANES in engine/engine.ts) and eight for files, compression and kills.
process.env['UV_THREADPOOL_SIZE'] ??= '24';
process.env['TZ'] = 'UTC';

const { join } = await import('node:path');
const { collectLessForBuffers } = await import('@tocsin/service/external-memory');
const { runService } = await import('@tocsin/service/run');
const { createEmbeddedClickHouse } = await import('./app.ts');
const { dropStartPagesLater } = await import('./memory/drop-start-pages.ts');

collectLessForBuffers();
await runService(process, {
  name: 'clickhouse',
  async start(context) {
    // The engine keeps format schemas that come inside a statement in the working folder, whatever `format_schema_path` says:
    // that folder must be its own, not the one Tocsin was started in.
    process.chdir(join(context.dataDir, 'clickhouse'));
    const running = await createEmbeddedClickHouse(context);
    const callOff = dropStartPagesLater(({ bytes }) =>
      context.log.debug({ bytes }, 'dropped what only the start needed of the engine’s code'),
    );
    return {
      listening: running.listening,
      stop() {
        callOff();
        return running.stop();
      },
    };
  },
});

export {};
