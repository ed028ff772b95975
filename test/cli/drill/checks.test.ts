import { expect, it } from "vitest";
import { ownChecks, readStanding } from "../../../cli/drill/checks.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const metrics = [
  "# HELP vigie_check_up 1 where the check holds.",
  "# TYPE vigie_check_up gauge",
  'vigie_check_up{service="wiki",check="http",place="main"} 1',
  'vigie_check_up{check="tls",service="wiki"} 0',
  'vigie_check_up{service="nas",check="tcp",place="a"} 1',
  'vigie_check_up{service="nas",check="tcp",place="b"} 0',
  'vigie_check_up_other{service="gate",check="tcp"} 1',
].join("\n");

it("tells a check that holds from one that does not and one that has not run", () => {
  expect(readStanding(metrics, ["wiki/http", "wiki/tls", "gate/tcp"])).toEqual({
    "wiki/http": true,
    "wiki/tls": false,
    "gate/tcp": undefined,
  });
});

it("counts a check as holding only where it holds from every place", () => {
  expect(readStanding(metrics, ["nas/tcp"])).toEqual({ "nas/tcp": false });
});

it("waits for the checks of what we run, and not for a supplier's", () => {
  const { inventory } = demo();
  const own = ownChecks(inventory);
  expect(own).toContain("wiki/container");
  expect(own.filter((id) => inventory.services[inventory.checks[id]!.service]!.delivery.by !== "us")).toEqual([]);
});
