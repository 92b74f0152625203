const SHOWN_ELSEWHERE = new Set(['level', 'time', 'service', 'msg', 'pid', 'hostname', 'name', 'v']);
const COLORS: Readonly<Record<string, number>> = { debug: 90, warn: 33, error: 31, fatal: 31 };
const LONGEST_LINE = 64 * 1024;

/** How lines are shown. */
export interface LineStyle {
  readonly color: boolean;
  /** Pass JSON through as it came. */
  readonly json: boolean;
}

/**
 * Makes a line for people of a line that a service printed: `20:01:22 collector  warn  message key=value`. What is not a JSON log
 * line is shown as it is, after the service's name.
 */
export function formatLine(service: string, line: string, style: LineStyle): string {
  const entry = parseEntry(line);
  if (style.json) return entry ? line : JSON.stringify({ level: 'info', service, msg: line });
  const name = paint(service.padEnd(10), 36, style);
  if (!entry) return `         ${name}       ${line}`;
  const level = textOf(entry['level'], 'info');
  const time = textOf(entry['time']).slice(11, 19);
  const rest = Object.entries(entry)
    .filter(([key]) => !SHOWN_ELSEWHERE.has(key))
    .map(([key, value]) => ` ${paint(`${key}=`, 90, style)}${formatValue(key, value)}`);
  const levelColor = COLORS[level];
  const shownLevel = levelColor === undefined ? level.padEnd(5) : paint(level.padEnd(5), levelColor, style);
  return `${paint(time.padEnd(8), 90, style)} ${name} ${shownLevel} ${textOf(entry['msg'])}${rest.join('')}`;
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function formatValue(key: string, value: unknown): string {
  if (key === 'err' && typeof value === 'object' && value !== null) {
    const { message, code } = value as { message?: unknown; code?: unknown };
    return JSON.stringify(code === undefined ? textOf(message) : `${textOf(code)}: ${textOf(message)}`);
  }
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

function textOf(value: unknown, absent = ''): string {
  if (value === undefined) return absent;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function paint(text: string, color: number, { color: on }: LineStyle): string {
  return on ? `\u001b[${color}m${text}\u001b[0m` : text;
}

/** Cuts a stream of text into lines; a line longer than 64 KiB is cut there. */
export function createLineSplitter(onLine: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = '';
  const emit = (line: string): void => {
    if (line !== '') onLine(line);
  };
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(emit);
      while (rest.length > LONGEST_LINE) {
        emit(rest.slice(0, LONGEST_LINE));
        rest = rest.slice(LONGEST_LINE);
      }
    },
    end() {
      emit(rest);
      rest = '';
    },
  };
}
