import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { roleChanges } from "../../../monitors/sources/holders.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-roles-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name, "roles.json");

const people = (treasurer: string[], secretary = ["jeanne"]) => ({ roles: { treasurer, secretary } });

describe("who holds which role", () => {
  it("is remembered from one start to the next; a change is told with its time, and for as long as it stands", () => {
    const path = file("kept");
    expect(roleChanges(path, people(["lea"]), 1000)).toEqual({ changed: {} });
    expect(roleChanges(path, people(["paul"]), 2000)).toEqual({ changed: { treasurer: 2000 } });
    expect(roleChanges(path, people(["paul"]), 3000)).toEqual({ changed: { treasurer: 2000 } });
    expect(roleChanges(path, people(["paul", "lea"]), 4000)).toEqual({ changed: { treasurer: 4000 } });
    expect(roleChanges(path, people(["lea", "paul"]), 5000)).toEqual({ changed: { treasurer: 4000 } });
  });

  it("has not changed for a role that was not there before", () => {
    const path = file("new");
    roleChanges(path, people(["lea"]), 1000);
    expect(roleChanges(path, { roles: { ...people(["lea"]).roles, editor: ["ines"] } }, 2000).changed).toEqual({});
  });

  it("names nobody in its file", () => {
    const path = file("anonymous");
    roleChanges(path, people(["lea-martin"]), 1000);
    expect(readFileSync(path, "utf8")).not.toContain("lea");
  });

  it("begins anew after damage, and says so where it cannot be kept", () => {
    const path = file("damaged");
    roleChanges(path, people(["lea"]), 1000);
    writeFileSync(path, '{"treasurer":');
    expect(roleChanges(path, people(["paul"]), 2000)).toEqual({ changed: {} });
    writeFileSync(join(folder, "blocked"), "a file where a folder should be");
    const { changed, problem } = roleChanges(join(folder, "blocked", "roles.json"), people(["lea"]), 1);
    expect(changed).toEqual({});
    expect(problem).toContain("cannot be remembered");
  });
});
