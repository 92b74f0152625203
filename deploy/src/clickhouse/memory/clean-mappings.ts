/** A stretch of this process's memory. */
export interface Mapping {
  readonly startAddress: bigint;
  readonly sizeBytes: bigint;
}

/** `START-END PERMISSIONS OFFSET DEVICE INODE PATH`, then a line for each number. Source: proc_pid_smaps(5). */
const HEAD = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ +(\S.*)$/;
/** `Name: 12 kB`: what would be lost with the mapping's pages, for the file does not have it. */
const CHANGED = /^(?:Private_Dirty|Shared_Dirty|Anonymous|Swap): +([1-9]\d*) kB$/m;

/**
 * The mappings of a file that only repeat what is in it: not writable, and no page of them was ever changed, as the linker does with
 * addresses. Their pages can be dropped at any time; the next use reads them again.
 * @param smaps the text of `/proc/self/smaps`
 */
export function findCleanMappings(smaps: string, isWanted: (path: string) => boolean): readonly Mapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((block) => {
    const [head = ''] = block.split('\n', 1);
    const [, start = '', end = '', permissions = '', path = ''] = HEAD.exec(head) ?? [];
    if (!isWanted(path) || !/^r-[-x]p$/.test(permissions) || CHANGED.test(block)) return [];
    const startAddress = BigInt(`0x${start}`);
    return [{ startAddress, sizeBytes: BigInt(`0x${end}`) - startAddress }];
  });
}
