import { expect, it } from "vitest";
import vantage from "../../../monitors/checks/vantage.ts";
import { resources, runCheck } from "../helpers/run.ts";

const heard = (answer: { seconds?: number; problem?: string } | undefined) =>
  runCheck(vantage, { name: "lodge" }, { own: resources({ peers: { heardOf: () => answer } }) });

it("a second place is well that was heard of, and whose last answer was good", async () => {
  expect(await heard({ seconds: 4 })).toEqual({ ok: true });
  expect(await heard({ seconds: 95, problem: "the connection was refused" })).toEqual({
    ok: false,
    reason: "unreachable",
    message: "last heard of 95 s ago: the connection was refused",
  });
  expect(await heard({})).toMatchObject({ ok: false, message: "never heard of" });
  expect(await heard(undefined)).toMatchObject({ ok: false, reason: "not-configured" });
});
