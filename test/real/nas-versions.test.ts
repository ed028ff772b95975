import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attemptInside, inside } from "./demo.ts";
import { Member } from "./nas-member.ts";

const run = Date.now();
const note = `versions-${run}/note.txt`;
const lost = `versions-${run}/perdu.bin`;
const folder = mkdtempSync(join(tmpdir(), "vigie-versions-"));
const local = (name: string): string => join(folder, name);

const members = new Map<string, Member>();
function member(login: string): Member {
  if (!members.has(login)) members.set(login, new Member(login));
  return members.get(login)!;
}
const [SHOP, OFFICE, SCHOOL] = ["paul-faure", "jeanne-roux", "maite-etcheverry"];

/** The one in which both files are as they were at first. */
let version: string;

beforeAll(() => {
  writeFileSync(local("first"), "premier état\n");
  writeFileSync(local("second"), "second état, abîmé\n");
  writeFileSync(local("binary"), Buffer.alloc(200_000, run % 251));
  const paul = member(SHOP);
  const made = paul.share(
    "epicerie",
    `mkdir versions-${run}; put ${local("first")} ${note}; put ${local("binary")} ${lost}`,
  );
  expect(made.status, made.said).toBe(0);
  expect(inside("nas", "vigie-versions", "make", "epicerie")).toContain("a version is kept");
  version = paul.versions("epicerie", note)[0]!;
  expect(paul.share("epicerie", `put ${local("second")} ${note}; del ${lost}`).status).toBe(0);
});
afterAll(() => {
  member(SHOP).share("epicerie", `deltree versions-${run}`);
  for (const one of members.values()) one.forget();
  rmSync(folder, { recursive: true });
});

describe("previous versions", () => {
  it("give back a file as it was before it was changed, and one that was deleted", () => {
    const paul = member(SHOP);
    expect(version).toMatch(/^@GMT-/);
    const back = paul.share(
      "epicerie",
      `get ${version}/${note} ${local("note")}; get ${version}/${lost} ${local("lost")}`,
    );
    expect(back.status, back.said).toBe(0);
    expect(readFileSync(local("note"), "utf8")).toBe("premier état\n");
    expect(readFileSync(local("lost")).equals(readFileSync(local("binary")))).toBe(true);
    paul.share("epicerie", `get ${note} ${local("now")}`);
    expect(readFileSync(local("now"), "utf8")).toBe("second état, abîmé\n");
  });

  it("can be read by those who may read the share, and by nobody else", () => {
    const read = member(OFFICE).share("epicerie", `get ${version}/${note} ${local("office")}`);
    expect(read.status, read.said).toBe(0);
    expect(member(SCHOOL).share("epicerie", `get ${version}/${note} ${local("none")}`).said).toContain(
      "NT_STATUS_ACCESS_DENIED",
    );
    const around = member(SCHOOL).share(
      "ecole",
      `get ${version}/../../epicerie/${version}/${note} ${local("none")}; get ../epicerie/${note} ${local("none")}`,
    );
    expect(around.said).not.toContain("getting file");
    // Nor in the container, under a member's own number: smbd's bugs are stopped there.
    const uid = inside("nas", "sh", "-c", `grep ^${SCHOOL}: /run/nas/extrausers/passwd`).split(":")[2]!;
    const gid = inside("nas", "sh", "-c", "grep ^school: /run/nas/extrausers/group").split(":")[2]!;
    const drop = `import os;os.setgroups([]);os.setgid(${gid});os.setuid(${uid});print(os.listdir("/srv/versions/epicerie"))`;
    expect(attemptInside("nas", ["python3", "-c", drop]).stderr).toContain("PermissionError");
  });

  it("cannot be changed, by their own team neither", () => {
    const paul = member(SHOP);
    for (const command of [
      `put ${local("second")} ${version}/${note}`,
      `del ${version}/${note}`,
      `mkdir ${version}/neuf`,
      `rename ${version}/${note} ${version}/autre`,
    ])
      expect(paul.share("epicerie", command).said, command).toMatch(
        /NT_STATUS_(ACCESS_DENIED|MEDIA_WRITE_PROTECTED|NOT_SAME_DEVICE)/,
      );
    paul.share("epicerie", `get ${version}/${note} ${local("still")}`);
    expect(readFileSync(local("still"), "utf8")).toBe("premier état\n");
  });

  it("share what has not changed with each other and never with the living file", () => {
    member(SHOP).share("epicerie", `put ${local("first")} versions-${run}/autre.txt`);
    inside("nas", "vigie-versions", "make", "epicerie");
    const [young, old] = member(SHOP).versions("epicerie", note);
    expect([young, old].every(Boolean)).toBe(true);
    // In the team's group: root has no right over others' files here.
    const ask = `my $team = (stat "/srv/shares/epicerie")[5]; $) = "$team $team"; print((stat $ARGV[0])[1] // die $!)`;
    const inode = (path: string) => inside("nas", "perl", "-e", ask, path);
    const other = `versions-${run}/autre.txt`;
    member(SHOP).share("epicerie", `put ${local("second")} ${note}`);
    inside("nas", "vigie-versions", "make", "epicerie");
    const [last] = member(SHOP).versions("epicerie", other);
    expect(inode(`/srv/versions/epicerie/${last}/${other}`)).toBe(inode(`/srv/versions/epicerie/${young}/${other}`));
    expect(inode(`/srv/versions/epicerie/${last}/${other}`)).not.toBe(inode(`/srv/shares/epicerie/${other}`));
  });

  it("are not made where nothing has changed, and what was cut in the middle is no version", () => {
    expect(inside("nas", "vigie-versions", "make", "epicerie")).toContain("nothing has changed");
    const before = member(SHOP).versions("epicerie", note);
    inside("nas", "mkdir", "-p", "/srv/versions/epicerie/.making/half", "/srv/versions/epicerie/.going/half");
    expect(member(SHOP).versions("epicerie", note)).toEqual(before);
    inside("nas", "vigie-versions", "make", "epicerie");
    expect(inside("nas", "ls", "-A", "/srv/versions/epicerie")).not.toMatch(/making|going/);
  });

  it("say nothing of a share that is not declared", () => {
    const refused = attemptInside("nas", ["vigie-versions", "make", "nowhere"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("not nowhere");
  });
});

/** Runs Python in the NAS with the housekeeper's own modules, and gives the JSON that it prints. */
function python(program: string): unknown {
  const { code, stdout, stderr } = attemptInside(
    "nas",
    ["python3", "-"],
    `import json\nfrom pathlib import Path\n${program}`,
  );
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("what is kept of the past", () => {
  it("is the youngest of each of the last periods that have one", () => {
    const kept = python(`
from vigie_nas.versions import kept
hour, day = 3600, 86400
base = 20000 * day  # a midnight
times = [base + h * hour + m for h in range(0, 49) for m in (0, 1800)]
print(json.dumps({
  "hourly": sorted(kept(times, {"hourly": 2})),
  "daily": sorted(kept(times, {"daily": 2})),
  "both": len(kept(times, {"hourly": 24, "daily": 14})),
  "sparse": sorted(kept([base, base + 40 * day], {"daily": 2})),
  "nothing": sorted(kept([], {"last": 3})),
}))`) as Record<string, number[] | number>;
    const base = 20_000 * 86_400;
    expect(kept).toEqual({
      hourly: [base + 47 * 3600 + 1800, base + 48 * 3600 + 1800],
      daily: [base + 47 * 3600 + 1800, base + 48 * 3600 + 1800],
      both: 24 + 1,
      sparse: [base, base + 40 * 86_400],
      nothing: [],
    });
  });

  it("gives way, the oldest of all shares first, while the disk is short of room, and no further", () => {
    const left = python(`
from vigie_nas import versions
root = Path("/tmp/versions-${run}")
for share, times in {"a": [100000, 300000], "b": [200000, 400000]}.items():
    for at in times:
        versions.at(root / share, at).mkdir(parents=True)
free = lambda: 0.02 * (1 + 4 - len(list(root.glob("*/@*"))))
enough = versions.make_room(0.05, free, root)
left = {share: versions.times(root / share) for share in ("a", "b")}
never = versions.make_room(0.9, free, root)
print(json.dumps({"enough": enough, "left": left, "never": never, "last": len(list(root.glob("*/*")))}))`);
    expect(left).toEqual({ enough: true, left: { a: [300_000], b: [400_000] }, never: false, last: 0 });
  });

  it("is made at the full hour, and goes on after a clock was set back", () => {
    expect(
      python(`
from vigie_nas.versions import due
print(json.dumps([due(3600, None, 5.0), due(3600, 7100, 7199.9), due(3600, 7100, 7200.0), due(3600, 999999, 7200.0)]))`),
    ).toEqual([true, false, true, true]);
  });
});

describe("a share's quota", () => {
  it("is what members' computers are told that there is", () => {
    const { said } = member(SHOP).share("epicerie", "ls");
    const [, total, free] = /(\d+) blocks of size 1024\. (\d+) blocks available/.exec(said)!;
    expect(Number(total)).toBe(9_765_625);
    expect(Number(free)).toBeGreaterThan(0);
    expect(Number(free)).toBeLessThanOrEqual(9_765_625);
  });

  it("leaves nothing of what is used, has the recycle bin give way beyond it, and counts what is there", () => {
    expect(
      python(`
import os
from vigie_nas import usage
from vigie_nas.config import Share
share = Share("s", 0, quota=10 * 1024 * 1024)
folder = Path("/tmp/quota-${run}")
(folder / ".corbeille" / "sub").mkdir(parents=True)
for number, name in enumerate(["old", "sub/middle", "young"]):
    path = folder / ".corbeille" / name
    path.write_bytes(b"x" * 1_000_000)
    os.utime(path, (number, number))
(folder / "kept").write_bytes(b"x" * 1_000_000)
freed = usage.relieve(folder, 1_500_000)
print(json.dumps({
  "room": [usage.room(share, 4 << 20, 1 << 40), usage.room(share, 4 << 20, 1 << 20), usage.room(share, 99 << 20, 1 << 40)],
  "freed": freed >= 1_500_000,
  "left": sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()),
}))`),
    ).toEqual({
      room: ["10240 6144 1024\n", "10240 1024 1024\n", "10240 0 1024\n"],
      freed: true,
      left: [".corbeille/young", "kept"],
    });
  });
});
