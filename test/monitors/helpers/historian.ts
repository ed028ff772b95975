import { advance, unknown } from "../../../monitors/engine/standing.ts";
import { History } from "../../../monitors/history/history.ts";

/** Writes results without a pause and tells how many are on the disk, until it is killed. The times of runs are their numbers. */
const history = new History({
  folder: process.argv[2]!,
  timeZone: "Europe/Paris",
  retention: { rawDays: 1e6, dayDays: 1e6, maxBytes: 1e12 },
  onEvent: (event) => console.error(event),
});
let standing = history.standings.get("wiki/http") ?? unknown("wiki/http", 0);
const before = standing.lastRun?.at ?? 0;
let at = before;

setInterval(() => {
  for (let run = 0; run < 37; run++) {
    at++;
    const made = {
      at,
      ok: at % 7 > 0,
      seconds: 0.1,
      measures: {},
      ...(at % 7 > 0 ? {} : { reason: "timeout", message: `run ${at}` }),
    };
    standing = advance(standing, made, { failAfter: 1, recoverAfter: 1 });
    history.record({ check: "wiki/http", run: made }, standing);
  }
  history.flush();
  process.send!(before + history.stats.written);
}, 1);
