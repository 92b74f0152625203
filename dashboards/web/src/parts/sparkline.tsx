/** A small line without axes; `null` is a gap. `label` says in words what is seen. */
export function Sparkline({
  values,
  label,
  tone = 'ink',
}: {
  readonly values: readonly (number | null)[];
  readonly label: string;
  readonly tone?: 'ink' | 'down';
}) {
  return (
    <svg class={`sparkline ${tone}`} viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={sparklinePath(values, 100, 24)} />
    </svg>
  );
}

/** The path of a sparkline in a box; from 0 at its foot to the largest value at its top. Pure. */
export function sparklinePath(values: readonly (number | null)[], width: number, height: number): string {
  const largest = Math.max(...values.map((value) => value ?? 0), 0);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  let isPenDown = false;
  const commands: string[] = [];
  for (const [index, value] of values.entries()) {
    if (value === null || !Number.isFinite(value)) {
      isPenDown = false;
      continue;
    }
    const x = round(index * step);
    const y = round(height - 1 - (largest > 0 ? value / largest : 0) * (height - 2));
    // A point alone is drawn too: a line that goes nowhere has round ends.
    commands.push(isPenDown ? `L${x} ${y}` : `M${x} ${y}h0`);
    isPenDown = true;
  }
  return commands.join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
