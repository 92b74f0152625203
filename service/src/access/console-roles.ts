/** What people may do in the console: look; also act (acknowledge, silence, note, override); also administer. */
export const CONSOLE_ROLES = ['viewer', 'editor', 'admin'] as const;
export type ConsoleRole = (typeof CONSOLE_ROLES)[number];
