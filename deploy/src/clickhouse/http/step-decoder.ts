import { Transform } from 'node:stream';
import { ClickHouseException } from '../exception.ts';

/** What comes next in a format of parts with known sizes. */
export interface Step {
  /** How many bytes this step wants. */
  readonly size: number;
  /** Whether the data may end before it. */
  readonly mayEnd: boolean;
  /** Reads them, pushes what they mean, and says what comes next. */
  read(bytes: Buffer, push: (data: Buffer) => void): Step | Promise<Step>;
}

/**
 * A decoder that reads step by step, whatever pieces the bytes come in. Data that ends within a step fails with CANNOT_READ_ALL_DATA.
 * @param what names the format in that error
 */
export function createStepDecoder(what: string, first: Step): Transform {
  let step = first;
  let parts: Buffer[] = [];
  let held = 0;

  const readAll = async (push: (data: Buffer) => void): Promise<void> => {
    if (held < step.size) return;
    let bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, held);
    while (bytes.length >= step.size) {
      const { size } = step;
      step = await step.read(bytes.subarray(0, size), push);
      bytes = bytes.subarray(size);
    }
    parts = [bytes];
    held = bytes.length;
  };

  return new Transform({
    transform(part: Buffer, _encoding, done) {
      parts.push(part);
      held += part.length;
      readAll((data) => this.push(data)).then(() => done(), done);
    },
    flush(done) {
      if (held === 0 && step.mayEnd) return done();
      const sentence = `Cannot read all data: ${what} ends after ${held} bytes of a part of ${step.size}.`;
      return done(ClickHouseException.of('CANNOT_READ_ALL_DATA', sentence));
    },
  });
}
