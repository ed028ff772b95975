import { describe, expect, it } from "vitest";
import { backupServices, repositoryUrl, restUsers } from "../../stacks/backups.ts";
import { deployedServices } from "../../stacks/context.ts";
import { addSecondHost, changedDemo, demo, serviceOf } from "./fixtures/demo.ts";

const elsewhere = (publish: object) =>
  changedDemo((copy) => {
    addSecondHost(copy);
    copy.services.snapshots.delivery = { by: "us", kind: "backup-repository", host: "second", ...publish };
    copy.services.snapshots.checks = [{ check: "container" }];
  });

describe("the snapshots of a host", () => {
  it("are reached by the repository's name on the same engine, without a password in the address", () => {
    const { inventory } = demo();
    expect(repositoryUrl(serviceOf("backup"), "main", { inventory })).toBe("rest:http://snapshots:8000/backup/");
  });

  it("are reached by the repository's host where that is another, at the port that is open there", () => {
    const built = elsewhere({ publish: { rest: 18_000 } });
    expect(repositoryUrl(serviceOf("backup", built), "main", built)).toBe("rest:http://192.0.2.2:18000/backup/");
  });

  it("need that port to be open, and say which line opens it", () => {
    const built = elsewhere({});
    expect(() => repositoryUrl(serviceOf("backup", built), "main", built)).toThrow(
      "services.snapshots.delivery.publish: `rest` must be opened for host main to reach it",
    );
  });
});

describe("those who write snapshots", () => {
  it("are the backup services, one a host", () => {
    const { inventory } = demo();
    expect(backupServices({ inventory }).map(({ id }) => id)).toEqual(["backup"]);
    expect(restUsers(deployedServices(inventory))).toEqual(["backup"]);
  });
});
