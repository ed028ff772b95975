import { pino, stdSerializers } from "pino";
import { plain } from "./text.ts";

/** One JSON object a line on standard output. JSON escapes line ends and quotes; `plain` the rest of what terminals act on. */
export const makeLog = (level = "info") =>
  pino({
    level,
    base: undefined,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    serializers: {
      error: (error: unknown) => {
        const { type, message, stack } = stdSerializers.err(error as Error);
        return { type, message: plain(message ?? String(error)), stack: plain(stack ?? "", 4000) };
      },
    },
  });

export type Log = ReturnType<typeof makeLog>;
