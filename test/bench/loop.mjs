// Loaded into the exporter by the bench: its own metric looks each 100 ms, and counts these as if the event loop had been blocked.
import { monitorEventLoopDelay } from "node:perf_hooks";

const EVERY_MS = 1;
const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
delay.enable();
process.on("message", () => {
  process.send?.(delay.max / 1e6 - EVERY_MS);
  delay.reset();
});
