import { z } from 'zod';
import { positiveDuration, text } from '../../scalars.ts';
import { sendResolved } from '../send-resolved.ts';

/** An entry of `exec_configs` (ours) as written; refused unless `alerting.allow_exec` is true. */
export const execConfig = z.strictObject({
  send_resolved: sendResolved,
  command: z.array(text).min(1),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), z.string()).default({}),
  timeout: positiveDuration.optional(),
});

/** One command that is run for each message. */
export type ExecConfig = Readonly<ReturnType<typeof completeExec>>;

/** Reads the entry. */
export function completeExec(given: z.output<typeof execConfig>) {
  return {
    /** The program and its arguments; no shell. */
    command: given.command,
    /** Besides PATH and TOCSIN_…; values are secrets. */
    env: given.env,
    timeoutMs: given.timeout,
    sendResolved: given.send_resolved,
  };
}
