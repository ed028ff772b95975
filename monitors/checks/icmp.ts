import { isIP } from "node:net";
import { z } from "zod";
import { duration } from "../../association/index.ts";
import { english } from "../../dashboards/words/plural.ts";
import { defineCheck, failed, good } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { jitterOf, meanOf, parsePing } from "./_ping.ts";
import { MissingProgram, runProgram } from "./_program.ts";

const params = z.strictObject({
  /** The machine's name or address. */
  host: z.string().regex(/^[A-Za-z0-9_]([A-Za-z0-9._:-]{0,252})$/, "a name or an address"),
  /** Echoes sent, a fifth of a second apart. */
  count: z.number().int().min(1).max(20).default(5),
  /** Echoes that may be lost, in per cent. */
  maxLoss: z.number().min(0).max(99).default(40),
  /** Mean difference between one round trip and the next that is still fine; any when left out. */
  maxJitter: duration.optional(),
  /** Which version of IP to use; whichever the name has first when left out. */
  ip: z.union([z.literal(4), z.literal(6)]).optional(),
  /** Conditions that must all hold, such as `[LOSS] == 0`, `[JITTER] < 30ms`; `[RESPONSE_TIME]` is the mean round trip. */
  conditions: conditions("LOSS", "JITTER", "RESPONSE_TIME", "IP").optional(),
});

/** As often as one may without being root (ping(8)). */
const APART_SECONDS = 0.2;
/** How long the last echo is waited for, in seconds. */
const WAIT_SECONDS = 1;

export default defineCheck({
  summary: "A machine answers echoes: loss and jitter (ICMP, RFC 792, RFC 4443)",
  anywhere: true,
  params,
  target: ({ host }) => host,
  measures: {
    loss_ratio: { help: "Share of the echoes that did not come back.", metric: "vigie_icmp_loss_ratio" },
    round_trip_seconds: { help: "Mean round trip.", metric: "vigie_icmp_round_trip_seconds" },
    jitter_seconds: {
      help: "Mean difference between one round trip and the next.",
      metric: "vigie_icmp_jitter_seconds",
    },
  },
  run: async (own, { signal, resources, step }) => {
    let address = own.host;
    if (isIP(own.host) === 0) {
      step("looking up the address", own.host);
      const all = await resources.resolver.lookup(own.host, signal);
      const found = all.find((one) => own.ip === undefined || isIP(one) === own.ip);
      if (found === undefined) return failed("name-not-found", `${own.host} has no IPv${own.ip} address`);
      address = found;
    }
    step("sending echoes", { to: address, count: own.count });
    const options = ["-n", "-c", String(own.count), "-i", String(APART_SECONDS), "-W", String(WAIT_SECONDS)];
    let ran: Awaited<ReturnType<typeof runProgram>>;
    try {
      ran = await runProgram("ping", [...options, address], { signal });
    } catch (error) {
      if (error instanceof MissingProgram) return failed("tool-failed", error.message);
      throw error;
    }
    const echoes = parsePing(ran.stdout);
    if (echoes === undefined || echoes.sent === 0) {
      const words = (ran.stderr || ran.stdout).trim().split("\n")[0]?.slice(0, 200) ?? "";
      const unreachable = /unreachable|no route/i.test(words);
      return failed(
        unreachable ? "unreachable" : "tool-failed",
        `ping says: ${words || `nothing, and ends with ${ran.code}`}`,
      );
    }
    const loss = 1 - echoes.received / echoes.sent;
    const jitter = jitterOf(echoes.roundTrips);
    const mean = meanOf(echoes.roundTrips);
    const measures: Record<string, number> =
      echoes.received === 0
        ? { loss_ratio: loss }
        : { loss_ratio: loss, round_trip_seconds: mean / 1000, jitter_seconds: jitter / 1000 };
    const percent = Math.round(loss * 1000) / 10;
    if (echoes.received === 0)
      return failed(
        "unreachable",
        `none of ${echoes.sent} ${english.form(echoes.sent, "echo", "echoes")} came back from ${address}`,
        { measures },
      );
    const unmet = conditionsOf(own.conditions).unmet({
      numbers: { LOSS: percent, JITTER: jitter, RESPONSE_TIME: mean },
      texts: { IP: address },
    });
    if (unmet) return failed(unmet.reason, unmet.message, { measures });
    if (percent > own.maxLoss)
      return failed(
        "packet-loss",
        `${percent} % of ${echoes.sent} ${english.form(echoes.sent, "echo", "echoes")} ${english.form(echoes.sent, "was", "were")} lost, expected ${own.maxLoss} % at most`,
        {
          measures,
        },
      );
    if (own.maxJitter !== undefined && jitter > own.maxJitter * 1000)
      return failed(
        "jitter",
        `round trips vary by ${jitter.toFixed(1)} ms, expected ${own.maxJitter * 1000} ms at most`,
        {
          measures,
        },
      );
    return good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    icmp: z.input<typeof params>;
  }
}
