// Loaded before a program whose clock is to be wrong: on SIGUSR2 its time of day is put ahead by as many milliseconds as the file named by
// WRONG_CLOCK says, as a machine's is by whoever sets it. The monotonic clock is left alone, as it is then.
import { readFileSync } from "node:fs";

let by = 0;
process.on("SIGUSR2", () => {
  by = Number(readFileSync(process.env.WRONG_CLOCK, "utf8"));
});
const Right = Date;
globalThis.Date = class extends Right {
  constructor(...parts) {
    if (parts.length === 0) super(Right.now() + by);
    else super(...parts);
  }

  static now() {
    return Right.now() + by;
  }
};
