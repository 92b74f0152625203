/**
 * How the questions to ClickHouse went lately, over all groups: what tells ClickHouse that is away from a rule whose own fault it is
 * that it gets no answer.
 */
export interface Outlook {
  /** Begins an evaluation of a group. @returns what is told of each of its questions whether it was answered */
  begin(): (isAnswered: boolean) => void;
  /** Whether it is ClickHouse. @param before whether it was @param groups how many groups there are */
  isAway(before: boolean, groups: number): boolean;
}

interface Counted {
  lost: number;
  asked: number;
}

/** So many evaluations are looked back at, or as many as there are groups where those are fewer: of each about one. */
const MAX_EVALUATIONS = 50;

export function createOutlook(): Outlook {
  let recent: Counted[] = [];
  return {
    begin() {
      const counted: Counted = { lost: 0, asked: 0 };
      recent = [...recent, counted].slice(-MAX_EVALUATIONS);
      return (isAnswered) => {
        counted.asked += 1;
        if (!isAnswered) counted.lost += 1;
      };
    },
    isAway(before, groups) {
      const seen = recent.slice(-Math.max(1, groups));
      const sum = (of: keyof Counted): number => seen.reduce((total, counted) => total + counted[of], 0);
      return decideAway({ lost: sum('lost'), asked: sum('asked') }, before);
    },
  };
}

/**
 * ClickHouse is away when more than a third of the questions had no answer, or more than three and a tenth of them (while it is away: more than
 * two and a fifteenth). Two limits, so that an outage of every other question is one trouble and not many. Pure.
 */
export function decideAway({ lost, asked }: Readonly<Counted>, before: boolean): boolean {
  if (lost * 3 > asked) return true;
  return before ? lost > 2 && lost * 15 > asked : lost > 3 && lost * 10 > asked;
}
