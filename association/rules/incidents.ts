import { instantOf } from "../maintenance.ts";
import { entriesOf, itemsOf, problem, type Rule } from "./rule.ts";

/** An incident is known and over after it began, and says that it is over where its log does. */
export const incidents: Rule = ({ found }) =>
  entriesOf(found.incidents).flatMap(([id, { started, detected, resolved, updates }]) => {
    const zone = found.association?.timeZone;
    if (zone === undefined || started === undefined) return [];
    const begin = instantOf(started, zone);
    const ends = { detected, resolved };
    const closing = itemsOf(updates).find(([, update]) => update?.status === "resolved");
    return [
      ...Object.entries(ends).flatMap(([field, at]) =>
        at !== undefined && instantOf(at, zone) < begin
          ? [problem(["incidents", id, field], at, `a moment at or after ${started}, when it started`)]
          : [],
      ),
      ...itemsOf(updates).flatMap(([index, update]) =>
        update?.at !== undefined && instantOf(update.at, zone) < begin
          ? [
              problem(
                ["incidents", id, "updates", index, "at"],
                update.at,
                `a moment at or after ${started}, when it started`,
              ),
            ]
          : [],
      ),
      ...(closing !== undefined && resolved === undefined
        ? [
            problem(
              ["incidents", id, "resolved"],
              undefined,
              `when it was over, since updates[${closing[0]}] says that it is`,
            ),
          ]
        : []),
    ];
  });
