// Read by native code when it is first used, so it is set before anything else is loaded. Names that only the system can look up keep
// a thread each (half of them may, by libuv); files and compression have the others.
process.env['UV_THREADPOOL_SIZE'] ??= '16';

const { runService } = await import('@tocsin/service/run');
const { createChecker } = await import('./app.ts');

await runService(process, { name: 'checker', start: (context) => createChecker(context) });

export {};
