import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, labelOf, openDashboard } from './kit/links.ts';
import { level, type MetricOptions, quantile, rate } from './kit/metric-panels.ts';
import { nameLinks, table, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const service = labelOf('service');
const LINKS = [
  openDashboard('services', 'Its requests', { service }),
  openDashboard('traces', 'Its traces', { service }),
  openDashboard('logs', 'Its logs', { service }),
];
const OF =
  "$__conditionalAll(ServiceName IN (${service:singlequote}), $service) AND NOT startsWith(ServiceName, 'tocsin-')";

/** A third of a row. Several processes of a service are one line, the highest of them, unless the description says otherwise. */
function third(title: string, description: string, metric: string, unit: string, by?: string): MetricOptions {
  return { title, description, metric, unit, of: OF, width: 8, links: LINKS, ...(by === undefined ? {} : { by }) };
}

/** What the runtimes of applications say of themselves by OpenTelemetry's conventions: Node.js, the JVM, Go, Python. */
export function runtimeDashboard(): Dashboard {
  const builder = startDashboard(
    'runtime',
    'Runtime',
    'Node.js, JVM, Go and Python, from the metrics of their OpenTelemetry instrumentation. Rows stay empty for runtimes that nobody sends.',
  )
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('service', 'Service', readSql('runtime/variable-service')))
    .withVariable(consoleVariable());
  annotate(builder, {
    deployed:
      "NOT startsWith(ServiceName, 'tocsin-') AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)",
  });
  builder.withPanel(
    table({
      title: 'Processes',
      description: 'Who told of its runtime in the last two minutes of the time range.',
      sql: readSql('runtime/processes'),
      width: 24,
      height: 6,
      links: [],
    })
      .overrideByName('service', nameLinks(openDashboard('services', 'Service', { service: columnOf('service') })))
      .overrideByName('last_told', widthOf(190)),
  );
  addNode(builder);
  addJvm(builder);
  addGo(builder);
  addPython(builder);
  return finishDashboard(builder);
}

function addNode(builder: Builder): void {
  const space = "Attributes['v8js.heap.space.name']";
  builder
    .withRow(new RowBuilder('Node.js'))
    .withPanel(
      level({
        ...third(
          'Event loop delay, p99',
          '99 of 100 turns of the event loop came at most this late.',
          'nodejs.eventloop.delay.p99',
          's',
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      level({
        ...third(
          'Event loop in use',
          'The part of the time in which the event loop was not idle.',
          'nodejs.eventloop.utilization',
          'percentunit',
        ),
        kind: 'gauge',
      }).max(1),
    )
    .withPanel(
      rate({
        ...third(
          'Time in garbage collection',
          'Of each second, by the kind of collection, all processes together.',
          'v8js.gc.duration',
          'percentunit',
          "Attributes['v8js.gc.type']",
        ),
        histogram: 'Sum',
      }),
    )
    .withPanel(
      level({
        ...third('Heap in use', 'All spaces of the heap together.', 'v8js.memory.heap.used', 'bytes'),
        kind: 'either',
      }),
    )
    .withPanel(
      level({
        ...third(
          'Heap in use, by space',
          'What is in each space of the heap.',
          'v8js.memory.heap.used',
          'bytes',
          space,
        ),
        kind: 'either',
      }),
    )
    .withPanel(
      quantile({
        ...third(
          'Garbage collection, p99',
          '99 of 100 collections took less.',
          'v8js.gc.duration',
          's',
          "Attributes['v8js.gc.type']",
        ),
        quantile: 0.99,
      }),
    );
}

function addJvm(builder: Builder): void {
  builder
    .withRow(new RowBuilder('JVM'))
    .withPanel(
      level({
        ...third('JVM memory', 'Heap and the rest.', 'jvm.memory.used', 'bytes', "Attributes['jvm.memory.type']"),
        kind: 'sum',
      }),
    )
    .withPanel(
      level({
        ...third(
          'Heap after collection',
          'What was still in use after the last collection: what rises here for hours is not let go.',
          'jvm.memory.used_after_last_gc',
          'bytes',
        ),
        kind: 'sum',
      }),
    )
    .withPanel(
      rate({
        ...third(
          'JVM, time in garbage collection',
          'Of each second, by collector, all processes together.',
          'jvm.gc.duration',
          'percentunit',
          "Attributes['jvm.gc.name']",
        ),
        histogram: 'Sum',
      }),
    )
    .withPanel(
      level({
        ...third(
          'JVM, CPU in use',
          'The part of all processors that the JVM used of late.',
          'jvm.cpu.recent_utilization',
          'percentunit',
        ),
        kind: 'gauge',
      }).max(1),
    )
    .withPanel(
      level({
        ...third('JVM threads', 'By their state.', 'jvm.thread.count', 'short', "Attributes['jvm.thread.state']"),
        kind: 'sum',
      }),
    )
    .withPanel(
      quantile({
        ...third(
          'JVM garbage collection, p99',
          '99 of 100 collections took less.',
          'jvm.gc.duration',
          's',
          "Attributes['jvm.gc.name']",
        ),
        quantile: 0.99,
      }),
    );
}

function addGo(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Go'))
    .withPanel(
      level({
        ...third('Go memory', 'Stacks and the rest.', 'go.memory.used', 'bytes', "Attributes['go.memory.type']"),
        kind: 'sum',
      }),
    )
    .withPanel(
      level({
        ...third(
          'Goal of the collector',
          'The size of the heap at which the next collection is to end.',
          'go.memory.gc.goal',
          'bytes',
        ),
        kind: 'sum',
      }),
    )
    .withPanel(
      level({
        ...third('Goroutines', 'Those that live: what only rises leaks.', 'go.goroutine.count', 'short'),
        kind: 'sum',
      }),
    )
    .withPanel(
      rate({
        ...third(
          'Allocated',
          'Bytes put on the heap per second, all processes together.',
          'go.memory.allocated',
          'Bps',
        ),
      }),
    )
    .withPanel(rate({ ...third('Allocations', 'Per second, all processes together.', 'go.memory.allocations', 'ops') }))
    .withPanel(
      quantile({
        ...third(
          'Wait for a processor, p99',
          'Of goroutines that could run. Only where the application sets up `runtime.NewProducer`.',
          'go.schedule.duration',
          's',
        ),
        quantile: 0.99,
      }),
    );
}

function addPython(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Python'))
    .withPanel(
      level({
        ...third('Process memory', 'Resident, of any process that tells it.', 'process.memory.usage', 'bytes'),
        kind: 'sum',
      }),
    )
    .withPanel(
      rate({
        ...third(
          'Process CPU time',
          'Seconds of each second, all processes together: 1 is a whole processor.',
          'process.cpu.time',
          'short',
          "coalesce(nullIf(Attributes['cpu.mode'], ''), Attributes['type'])",
        ),
      }),
    )
    .withPanel(
      level({
        ...third('Process threads', 'Of any process that tells it.', 'process.thread.count', 'short'),
        kind: 'sum',
      }),
    )
    .withPanel(
      rate({
        ...third(
          'Garbage collections',
          'Per second, by generation, all processes together.',
          'cpython.gc.collections',
          'ops',
          "concat('generation ', Attributes['cpython.gc.generation'])",
        ),
      }),
    )
    .withPanel(
      rate({
        ...third('Collected objects', 'Per second, all processes together.', 'cpython.gc.collected_objects', 'ops'),
      }),
    )
    .withPanel(
      rate({
        ...third(
          'Context switches',
          'Per second, all processes together.',
          'process.context_switches',
          'ops',
          "coalesce(nullIf(Attributes['process.context_switch.type'], ''), Attributes['type'])",
        ),
      }),
    );
}
