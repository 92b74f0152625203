/**
 * Runs every step in order, whatever becomes of the one before.
 * @throws AggregateError at the end, with everything that failed
 */
export async function stopInOrder(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'did not stop cleanly');
}
