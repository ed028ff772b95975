import { instantOf } from "../maintenance.ts";
import { longestGapSeconds } from "../schema/schedule.ts";
import { entriesOf, problem, type Rule, words } from "./rule.ts";

/** A window of maintenance is about something, ends after it begins, and is not always open. */
export const maintenanceWindows: Rule = ({ found }) =>
  entriesOf(found.maintenance).flatMap(([key, { services, hosts, when, timeZone }]) => {
    const path = ["maintenance", key];
    const zone = timeZone ?? found.association?.timeZone;
    const empty = services?.length === 0 && hosts?.length === 0;
    return [
      ...(empty ? [problem([...path, "services"], undefined, "the services or hosts that are worked on")] : []),
      ...(when && "from" in when && zone && instantOf(when.until, zone) <= instantOf(when.from, zone)
        ? [problem([...path, "when", "until"], when.until, `a moment after ${when.from}`)]
        : []),
      ...(when && "every" in when && when.lasting >= longestGapSeconds(when.every)
        ? [
            problem(
              [...path, "when", "lasting"],
              words(`${when.lasting} s`),
              `less than the ${longestGapSeconds(when.every)} s from one time to the next: it would never end`,
            ),
          ]
        : []),
    ];
  });
