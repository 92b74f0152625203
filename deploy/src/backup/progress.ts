/** What a long command shows of itself. */
export interface Progress {
  say(sentence: string): void;
  /** At most once a second is shown how far a step is. @param total in bytes, `undefined` where it is not known */
  bytes(step: string, doneBytes: number, totalBytes: number | undefined): void;
}

const SHOW_EVERY_MS = 1_000;

/** @param write gets whole lines; @param now a clock in milliseconds */
export function createProgress(write: (line: string) => void, now: () => number): Progress {
  let shownAtMs = now();
  return {
    say: (sentence) => write(sentence),
    bytes(step, done, total) {
      if (now() - shownAtMs < SHOW_EVERY_MS) return;
      shownAtMs = now();
      const of =
        total === undefined || total === 0 ? '' : ` of ${formatBytes(total)} (${Math.floor((100 * done) / total)} %)`;
      write(`${step}: ${formatBytes(done)}${of}`);
    },
  };
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  const at = Math.min(Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)), units.length - 1);
  const value = bytes / 2 ** (10 * at);
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}
