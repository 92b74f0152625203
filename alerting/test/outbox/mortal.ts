import type { Database } from '../../src/store/database.ts';

/** What a step of a process that has ended throws. */
export class Killed extends Error {}

/** A process that ends at one step: from then on nothing it does reaches the disk. */
export class Mortal {
  dead = false;
  /** Steps count from the moment the scenario has begun. */
  armed = false;
  diedAt = '';
  #steps = 0;
  #depth = 0;
  readonly #dieAt: number;

  constructor(dieAt: number) {
    this.#dieAt = dieAt;
  }

  /** @returns whether the process lives on after this step */
  step(name: string): boolean {
    if (!this.armed) return true;
    this.#steps += 1;
    if (this.#steps === this.#dieAt) {
      this.dead = true;
      this.diedAt = name;
    }
    return !this.dead;
  }

  wrap(database: Database): Database {
    const live = (name: string): void => {
      if (this.dead || !this.step(name)) throw new Killed(name);
    };
    return {
      prepare: (sql) => {
        if (this.dead) throw new Killed('prepare');
        return database.prepare(sql);
      },
      transaction: (work) => {
        if (this.#depth === 0) live('before a transaction');
        this.#depth += 1;
        let result;
        try {
          result = database.transaction(work);
        } finally {
          this.#depth -= 1;
        }
        if (this.#depth === 0) live('after a transaction');
        return result;
      },
      close: () => database.close(),
    };
  }
}
