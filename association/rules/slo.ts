import { longestGapSeconds } from "../schema/schedule.ts";
import { FASTEST_BURN } from "../slo.ts";
import { entriesOf, itemsOf, problem, type Rule, words } from "./rule.ts";

const HOUR = 3600;

/**
 * An objective can be told from noise: where one lost run would page somebody, either the objective is too high or the checks
 * are too rare.
 */
export const objectives: Rule = ({ found }) =>
  entriesOf(found.services).flatMap(([key, { slo, checks, delivery }]) => {
    if (slo === undefined || slo.availability === undefined || checks === undefined || delivery === undefined)
      return [];
    const path = ["services", key, "slo"];
    const paging = itemsOf(checks).filter(([, { severity }]) => severity === "page");
    const gaps = paging.flatMap(([, { every }]) => (every === undefined ? [] : [longestGapSeconds(every)]));
    if (gaps.length < checks.length && gaps.length < paging.length) return [];
    if (gaps.length === 0)
      return [
        problem(path, words("no check that pages"), "a check of severity page, whose runs the objective is about"),
      ];
    const runs = gaps.reduce((sum, gap) => sum + HOUR / gap, 0);
    const allowed = FASTEST_BURN.factor * (1 - slo.availability / 100);
    if (1 / runs <= allowed) return [];
    const highest = Math.floor((100 - 100 / runs / FASTEST_BURN.factor) * 100) / 100;
    const rarest = Math.floor(HOUR * gaps.length * allowed);
    return [
      problem(
        [...path, "availability"],
        words(`${slo.availability} with ${round(runs)} runs an hour`),
        `${highest > 0 ? `at most ${highest}, or ` : ""}checks ${rarest} s apart or less: one lost run is ${round(100 / runs)} % of an hour's, and ${round(100 * allowed)} % of them (${FASTEST_BURN.factor} × the ${round(100 - slo.availability)} % that may fail) page somebody`,
      ),
    ];
  });

/** Three digits that count. */
const round = (value: number): string => String(Number(value.toPrecision(3)));
