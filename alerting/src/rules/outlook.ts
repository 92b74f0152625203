/**
 * How the questions to ClickHouse went lately, over all groups: what tells ClickHouse that is away from a rule whose own fault it is
 * that it gets no answer.
 */
export interface Outlook {
  /** Takes what came of questions, in their order. */
  record(answered: readonly boolean[]): void;
  /** Whether it is ClickHouse. @param before whether it was @param rules how many rules there are */
  isAway(before: boolean, rules: number): boolean;
}

/** So many questions are looked back at, or as many as there are rules where those are fewer. */
const MAX_QUESTIONS = 50;

export function createOutlook(): Outlook {
  let recent: boolean[] = [];
  return {
    record(answered) {
      recent = [...recent, ...answered].slice(-MAX_QUESTIONS);
    },
    isAway: (before, rules) => decideAway(recent.slice(-Math.max(1, rules)), before),
  };
}

/**
 * ClickHouse is away when more than a third of the questions had no answer, or more than three and a tenth of them; it is back when less than
 * a tenth have none. Two limits, so that an outage of every other question is one trouble and not many. Pure.
 */
export function decideAway(answered: readonly boolean[], before: boolean): boolean {
  const lost = answered.filter((isAnswered) => !isAnswered).length;
  if (before) return lost > 0 && lost * 10 >= answered.length;
  return lost * 3 > answered.length || (lost > 3 && lost * 10 > answered.length);
}
