/** In a data folder while it is being restored, and after a restore that failed: nothing may start on it. */
export const UNFINISHED_FILE = 'restore-unfinished';
