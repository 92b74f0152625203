import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decodeFrame, type Frame, FRAME_BYTES, frameLength } from './frame.ts';
import type { SegmentRequest, SegmentWalk } from './segment.ts';

/** Read at once while a segment is walked. */
const WINDOW_BYTES = 2 ** 19;

/**
 * Walks the frames of a segment's file and checks every sum, without having more of it in memory than one request or half a mebibyte,
 * whichever is more. Stops at the first thing that is not whole.
 * @param visit is given each sound request; the bytes are only valid until it returns
 */
export async function walkSegmentFile(
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  visit: (request: SegmentRequest, body: Buffer) => void = () => undefined,
): Promise<SegmentWalk> {
  const file = await open(path, 'r');
  try {
    const window = new Window(file, sizeBytes);
    const requests: SegmentRequest[] = [];
    let offset = 0;
    for (;;) {
      const frame = await readFrame(window, offset);
      if (!frame) break;
      const bodyOffset = offset + frame.frameBytes;
      const body = await window.read(bodyOffset, frame.bodyBytes);
      if (!body || crc32(body) !== frame.bodyCrc) break;
      const { bodyBytes, items, self, key } = frame;
      const request = { offset, bodyOffset, bodyBytes, items, self, ...(key ? { key } : {}) };
      visit(request, body);
      requests.push(request);
      offset = bodyOffset + bodyBytes;
    }
    return { requests, soundBytes: offset };
  } finally {
    await file.close();
  }
}

async function readFrame(window: Window, offset: number): Promise<Frame | undefined> {
  const head = await window.read(offset, FRAME_BYTES);
  const length = head && frameLength(head, 0);
  const whole = length === undefined ? undefined : await window.read(offset, length);
  return whole && decodeFrame(whole, 0);
}

/** Reads a part of a segment's file. */
export async function readPart(path: string, offset: number, sizeBytes: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(sizeBytes);
    const { bytesRead } = await file.read(bytes, 0, sizeBytes, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A piece of a file in memory that moves on as it is read. */
class Window {
  readonly #file: FileHandle;
  readonly #fileBytes: number;
  #bytes: Buffer;
  #start = 0;
  #length = 0;

  constructor(file: FileHandle, fileBytes: number) {
    this.#file = file;
    this.#fileBytes = fileBytes;
    this.#bytes = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, Math.max(fileBytes, FRAME_BYTES)));
  }

  /** @returns the bytes, or `undefined` where the file ends before them */
  async read(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset + length > this.#fileBytes) return undefined;
    if (offset + length > this.#start + this.#length && !(await this.#move(offset, length))) return undefined;
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length);
  }

  async #move(offset: number, length: number): Promise<boolean> {
    if (length > this.#bytes.byteLength) this.#bytes = Buffer.allocUnsafe(length);
    this.#start = offset;
    this.#length = 0;
    const wanted = Math.min(this.#bytes.byteLength, this.#fileBytes - offset);
    while (this.#length < wanted) {
      const { bytesRead } = await this.#file.read(
        this.#bytes,
        this.#length,
        wanted - this.#length,
        offset + this.#length,
      );
      if (bytesRead === 0) break;
      this.#length += bytesRead;
    }
    return this.#length >= length;
  }
}
