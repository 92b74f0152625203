import type { RuleTester } from 'oxlint/plugins-dev';
import { type Place, placeOf } from './place.ts';

/** A lint rule as oxlint takes it. */
export type Rule = Parameters<RuleTester['run']>[1];
type Create = Extract<Rule, { create: unknown }>['create'];
export type RuleContext = Parameters<Create>[0];
export type Visitor = ReturnType<Create>;

/**
 * Makes a rule. `check` sees where the file stands and returns the visitor; every message ends by saying where the
 * rule is written: `section` is a heading of CONTRIBUTING.md.
 */
export function defineRule(
  section: string,
  check: (place: Place, refuse: (node: Reported, message: string) => void, context: RuleContext) => Visitor,
): Rule {
  return {
    create(context) {
      const place = placeOf(context.filename, context.cwd);
      const refuse = (node: Reported, message: string): void =>
        context.report({ node, message: `${message} (CONTRIBUTING.md, "${section}")` });
      return check(place, refuse, context);
    },
  };
}

type Reported = Extract<Parameters<RuleContext['report']>[0], { node: unknown }>['node'];
