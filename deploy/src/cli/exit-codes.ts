/** Exit codes of every command. Those of the services are the same. */
export const EXIT = { stopped: 0, failed: 1, badConfiguration: 2, killed: 130 } as const;
