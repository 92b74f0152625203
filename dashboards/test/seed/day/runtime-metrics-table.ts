/** A metric that a runtime's instrumentation sends, and what its points look like. */
export interface RuntimeMetric {
  readonly name: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly unit: string;
  /** Counters only rise; other sums rise and fall. */
  readonly isCounter?: true;
  /** A usual value, or growth a minute. */
  readonly usual: number;
  readonly attributes: readonly Readonly<Record<string, string>>[];
}

const HEAP_SPACES = ['new_space', 'old_space', 'code_space'].map((name) => ({ 'v8js.heap.space.name': name }));
const GC_TYPES = ['minor', 'major'].map((type) => ({ 'v8js.gc.type': type }));
const POOLS = [
  { 'jvm.memory.type': 'heap', 'jvm.memory.pool.name': 'G1 Old Gen' },
  { 'jvm.memory.type': 'heap', 'jvm.memory.pool.name': 'G1 Eden Space' },
  { 'jvm.memory.type': 'non_heap', 'jvm.memory.pool.name': 'Metaspace' },
];
const MODES = [{ type: 'user' }, { type: 'system' }];

/**
 * What the dashboard of runtimes reads, with names, kinds and attributes as these packages make them; read in their sources in November 2026:
 * Node.js, `@opentelemetry/instrumentation-runtime-node` 0.36.1; JVM, the OpenTelemetry semantic conventions 1.45 "JVM metrics", which the Java agent keeps;
 * Go, `go.opentelemetry.io/contrib/instrumentation/runtime` 0.72.0; Python, `opentelemetry-instrumentation-system-metrics` 0.66b1.
 */
export const RUNTIME_METRICS: Readonly<Record<'nodejs' | 'java' | 'go' | 'python', readonly RuntimeMetric[]>> = {
  nodejs: [
    { name: 'nodejs.eventloop.delay.p99', kind: 'gauge', unit: 's', usual: 0.012, attributes: [{}] },
    { name: 'nodejs.eventloop.utilization', kind: 'gauge', unit: '1', usual: 0.3, attributes: [{}] },
    { name: 'v8js.memory.heap.used', kind: 'gauge', unit: 'By', usual: 40e6, attributes: HEAP_SPACES },
    { name: 'v8js.gc.duration', kind: 'histogram', unit: 's', usual: 0.004, attributes: GC_TYPES },
  ],
  java: [
    { name: 'jvm.memory.used', kind: 'sum', unit: 'By', usual: 200e6, attributes: POOLS },
    { name: 'jvm.memory.used_after_last_gc', kind: 'sum', unit: 'By', usual: 90e6, attributes: POOLS.slice(0, 2) },
    {
      name: 'jvm.gc.duration',
      kind: 'histogram',
      unit: 's',
      usual: 0.02,
      attributes: [{ 'jvm.gc.name': 'G1 Young Generation' }],
    },
    { name: 'jvm.cpu.recent_utilization', kind: 'gauge', unit: '1', usual: 0.2, attributes: [{}] },
    {
      name: 'jvm.thread.count',
      kind: 'sum',
      unit: '{thread}',
      usual: 40,
      attributes: [{ 'jvm.thread.state': 'runnable' }, { 'jvm.thread.state': 'waiting' }],
    },
  ],
  go: [
    {
      name: 'go.memory.used',
      kind: 'sum',
      unit: 'By',
      usual: 30e6,
      attributes: [{ 'go.memory.type': 'stack' }, { 'go.memory.type': 'other' }],
    },
    { name: 'go.memory.gc.goal', kind: 'sum', unit: 'By', usual: 60e6, attributes: [{}] },
    { name: 'go.memory.allocated', kind: 'sum', unit: 'By', isCounter: true, usual: 90e6, attributes: [{}] },
    {
      name: 'go.memory.allocations',
      kind: 'sum',
      unit: '{allocation}',
      isCounter: true,
      usual: 60_000,
      attributes: [{}],
    },
    { name: 'go.goroutine.count', kind: 'sum', unit: '{goroutine}', usual: 120, attributes: [{}] },
    { name: 'go.schedule.duration', kind: 'histogram', unit: 's', usual: 0.000_2, attributes: [{}] },
  ],
  python: [
    { name: 'process.memory.usage', kind: 'sum', unit: 'By', usual: 150e6, attributes: [{}] },
    { name: 'process.cpu.time', kind: 'sum', unit: 's', isCounter: true, usual: 6, attributes: MODES },
    { name: 'process.thread.count', kind: 'sum', unit: '{thread}', usual: 8, attributes: [{}] },
    {
      name: 'process.context_switches',
      kind: 'sum',
      unit: '',
      isCounter: true,
      usual: 600,
      attributes: [{ type: 'involuntary' }, { type: 'voluntary' }],
    },
    {
      name: 'cpython.gc.collections',
      kind: 'sum',
      unit: '{collection}',
      isCounter: true,
      usual: 30,
      attributes: [{ 'cpython.gc.generation': '0' }, { 'cpython.gc.generation': '1' }],
    },
    {
      name: 'cpython.gc.collected_objects',
      kind: 'sum',
      unit: '{object}',
      isCounter: true,
      usual: 900,
      attributes: [{}],
    },
  ],
};
