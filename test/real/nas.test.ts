import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demo, eventually, inside } from "./demo.ts";
import { Member } from "./nas-member.ts";
import { lookoutPage, metric, plainText, Visitor } from "./web.ts";

const SHOP = "paul-faure";
const OFFICE = "jeanne-roux";
const SCHOOL = "maite-etcheverry";
const run = Date.now();
const file = `commande-${run}.pdf`;

let folder: string;
let original: Buffer;
const members: Member[] = [];
const member = (login: string, password?: string): Member => {
  const one = new Member(login, password);
  members.push(one);
  return one;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vigie-nas-"));
  original = randomBytes(300_000);
  writeFileSync(join(folder, "original"), original);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const one of members) one.forget();
});

const local = (name: string): string => join(folder, name);

describe("a team's share", () => {
  it("keeps what a member writes, byte for byte", () => {
    const paul = member(SHOP);
    expect(paul.share("epicerie", `put ${local("original")} ${file}`).status).toBe(0);
    expect(paul.share("epicerie", `get ${file} ${local("copy")}`).status).toBe(0);
    expect(readFileSync(local("copy")).equals(original)).toBe(true);
  });

  it("is read by the team that is declared to read it, which cannot change it", () => {
    const jeanne = member(OFFICE);
    expect(jeanne.share("epicerie", `get ${file} ${local("read")}`).status).toBe(0);
    expect(readFileSync(local("read")).equals(original)).toBe(true);
    for (const command of [
      `put ${local("original")} ajout-${run}`,
      `put ${local("copy")} ${file}`,
      `del ${file}`,
      `rename ${file} autre`,
      `mkdir dossier-${run}`,
    ])
      expect(jeanne.share("epicerie", command).said, command).toMatch(
        /NT_STATUS_(ACCESS_DENIED|MEDIA_WRITE_PROTECTED)/,
      );
    expect(member(SHOP).share("epicerie", "ls").said).toMatch(new RegExp(`${file}\\s+\\w*\\s+300000 `));
    expect(member(SHOP).share("epicerie", "ls").said).not.toMatch(/ajout|dossier|autre/);
  });

  it("is refused to another team", () => {
    const refused = member(SCHOOL).share("epicerie", "ls");
    expect(refused.said).toMatch(/tree connect failed: NT_STATUS_ACCESS_DENIED/);
    expect(refused.status).not.toBe(0);
  });

  it("is not even listed to those who may not open it", () => {
    expect(member(SHOP).shares()).toEqual(["communication", "epicerie"]);
    expect(member(OFFICE).shares()).toEqual(["bureau", "communication", "ecole", "epicerie"]);
  });

  it("can be changed by another member of the same team", () => {
    const [tom, karim] = [member("tom-wilson"), member("karim-benali")];
    const note = `note-${run}`;
    expect(tom.share("technique", `put ${local("original")} ${note}`).status).toBe(0);
    writeFileSync(local("changed"), "changé\n");
    expect(karim.share("technique", `put ${local("changed")} ${note}`).status).toBe(0);
    expect(tom.share("technique", `get ${note} ${local("seen")}; del ${note}`).status).toBe(0);
    expect(readFileSync(local("seen"), "utf8")).toBe("changé\n");
  });
});

describe("signing in", () => {
  it("is refused with a wrong password, to an unknown name and to nobody", () => {
    for (const one of [member(SHOP, "wrong"), member("nobody-known", "wrong"), member("", "")]) {
      const { said, status } = one.share("epicerie", "ls");
      expect(said).toMatch(/NT_STATUS_(LOGON_FAILURE|ACCESS_DENIED)/);
      expect(status).not.toBe(0);
    }
  });

  it.each(["NT1", "SMB2_02", "SMB2_10"])("is refused in the old protocol %s", (protocol) => {
    const { said, status } = member(SHOP).share("epicerie", "ls", protocol, protocol);
    expect(said).toMatch(
      /NT_STATUS_(NOT_SUPPORTED|INVALID_NETWORK_RESPONSE|CONNECTION_(RESET|DISCONNECTED))|negotiat/i,
    );
    expect(status).not.toBe(0);
  });

  it("works in SMB 3.0 and SMB 3.1.1, encrypted", () => {
    for (const protocol of ["SMB3_00", "SMB3_11"])
      expect(member(SHOP).share("epicerie", "ls", protocol, protocol).status, protocol).toBe(0);
    const { status } = spawnSync(
      "smbclient",
      member(SHOP).words("epicerie", "ls", "SMB3_11", "SMB3_11", "--client-protection=encrypt"),
    );
    expect(status).toBe(0);
  });
});

describe("the audit trail", () => {
  interface Event {
    time: string;
    event: string;
    user: string;
    ip: string;
    share: string;
    path?: string;
    result: string;
  }
  const trail = (): Event[] =>
    inside("nas", "sh", "-c", "cat /var/log/samba-audit/audit-*.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Event);

  it("names who wrote, who read and who was refused, with the file and the time", async () => {
    await eventually(() => {
      const about = (user: string, event: string, result: string) =>
        trail().filter((one) => one.user === user && one.event === event && one.result === result);
      expect(about(SHOP, "write", "ok")).toContainEqual(expect.objectContaining({ share: "epicerie", path: file }));
      expect(about(OFFICE, "read", "ok")).toContainEqual(expect.objectContaining({ share: "epicerie", path: file }));
      expect(about(OFFICE, "delete", "denied")).toContainEqual(
        expect.objectContaining({ share: "epicerie", path: file }),
      );
      expect(about(SCHOOL, "connect", "denied")).toContainEqual(expect.objectContaining({ share: "epicerie" }));
      expect(about("tom-wilson", "delete", "ok")).toContainEqual(
        expect.objectContaining({ share: "technique", path: `note-${run}` }),
      );
    }, 10);
    for (const { time } of trail()) expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(3_600_000);
  });

  it("has the sign-ins that failed", async () => {
    await eventually(() => {
      const failed = trail().filter(({ event, result }) => event === "sign-in" && result !== "ok");
      expect(failed.map(({ user }) => user)).toEqual(expect.arrayContaining([SHOP, "nobody-known"]));
    }, 10);
  });

  it("says nothing of passwords and cannot be reached through a share", () => {
    const all = JSON.stringify(trail());
    for (const password of Object.values(demo().passwords)) expect(all).not.toContain(password);
    for (const login of [SHOP, "lea-martin"]) expect(member(login).shares().join(" ")).not.toMatch(/audit|log/);
  });
});

describe("the page of the audit trail", () => {
  const search = async (query: Record<string, string>, login = "lea-martin") =>
    plainText(await lookoutPage(`/files?${new URLSearchParams({ lang: "en", ...query })}`, login));
  it("finds who wrote, renamed and deleted a file, by a part of its name, and who was refused", async () => {
    const paul = member(SHOP);
    const name = `enquête-${run}.txt`;
    paul.share("epicerie", `put ${local("original")} ${name}; rename ${name} nouvelle-${name}; del nouvelle-${name}`);
    member(SCHOOL).share("epicerie", "ls");
    await eventually(async () => {
      const found = await search({ path: `ENQUÊTE-${run}`, share: "epicerie" });
      expect(found).toContain("3 actions");
      expect(found).toMatch(
        /Paul Faure paul-faure deleted nouvelle-enquête-.*renamed enquête-.*to: nouvelle-.*wrote enquête-/,
      );
    }, 15);
    expect(await search({ path: `enquête-${run}`, event: "delete" })).toContain("1 action,");
    expect(await search({ path: `enquête-${run}`, user: OFFICE })).toContain("Nothing of the kind");
    expect(await search({ path: `enquête-${run}`, until: "2001-01-01" })).toContain("Nothing of the kind");
    expect(await search({ user: SCHOOL, result: "denied" })).toMatch(/opened the share.*not in a team of this share/);
  });

  it("shows names as texts, goes on page by page, and is not for everybody", async () => {
    const paul = member(SHOP);
    expect(paul.share("epicerie", `mkdir "x-${run}"; put ${local("original")} "x-${run}/l'été & co.txt"`).status).toBe(
      0,
    );
    await eventually(async () => expect(await search({ path: `x-${run}/l'été & co` })).toContain("l'été & co.txt"), 15);
    const html = await lookoutPage("/files?lang=fr", "lea-martin");
    const next = /rel="next" href="([^"]+)"/.exec(html)?.[1];
    if (next)
      expect(
        plainText(await lookoutPage(`/files${next.replaceAll("&amp;", "&").replaceAll("&#x3D;", "=")}`, "lea-martin")),
      ).toMatch(/action/);
    expect((await new Visitor().get(`${demo().urls.lookout}/files`)).status).toBe(401);
    paul.share("epicerie", `deltree "x-${run}"`);
  });

  it("is fed by a port that tells nothing without the lookout's token, and by a process that may read the trail alone", () => {
    const ask = (path: string) =>
      `import urllib.request as u, urllib.error as e
try: print(u.urlopen("http://127.0.0.1:4002${path}").status)
except e.HTTPError as error: print(error.code)`;
    for (const path of ["/status", "/trail", "/"]) expect(inside("nas", "python3", "-c", ask(path)).trim()).toBe("401");
    const processes = inside("nas", "sh", "-c", "cat /proc/[0-9]*/status").split(/^Name:/m);
    const server = processes.filter((one) => one.startsWith("\tpython3") && /^Uid:\t65534\t/m.test(one));
    expect(server).toHaveLength(1);
    expect(server[0]).toMatch(/^CapEff:\t0{16}$/m);
  });

  it("stands beside metrics of what each share holds", async () => {
    await eventually(async () => {
      const used = await metric("vigie_share_used_bytes");
      expect(used.find(({ labels }) => labels.share === "epicerie")?.value).toBeGreaterThan(300_000);
      const quota = await metric("vigie_share_quota_bytes");
      expect(quota.find(({ labels }) => labels.share === "epicerie")?.value).toBe(10_000_000_000);
    }, 120);
  });
});

describe("a deleted file", () => {
  const lost = `perdu-${run}.txt`;

  it("is in the share's recycle bin, from which a member takes it back", () => {
    const paul = member(SHOP);
    expect(
      paul.share("epicerie", `mkdir commandes-${run}; put ${local("original")} commandes-${run}/${lost}`).status,
    ).toBe(0);
    expect(paul.share("epicerie", `del commandes-${run}/${lost}`).status).toBe(0);
    expect(paul.share("epicerie", `get commandes-${run}/${lost} ${local("none")}`).said).toContain(
      "NT_STATUS_OBJECT_NAME_NOT_FOUND",
    );
    const back = paul.share("epicerie", `get .corbeille/commandes-${run}/${lost} ${local("back")}`);
    expect(back.status, back.said).toBe(0);
    expect(readFileSync(local("back")).equals(original)).toBe(true);
  });

  it("leaves it once it has been there for as long as declared, and not before", () => {
    const bin = `/srv/shares/epicerie/.corbeille/commandes-${run}`;
    const paul = member(SHOP);
    const young = `jeune-${run}.txt`;
    paul.share("epicerie", `put ${local("original")} commandes-${run}/${young}; del commandes-${run}/${young}`);
    // As a member, then as its owner: root has no right over others' files here.
    inside(
      "nas",
      "perl",
      "-e",
      `my $team = (stat "/srv/shares/epicerie")[5]; $) = "$team $team"; my @f = stat $ARGV[0]; $> = $f[4]; utime(time - 31 * 86400, time - 31 * 86400, $ARGV[0]) or die $!`,
      `${bin}/${lost}`,
    );
    inside(
      "nas",
      "perl",
      "-e",
      `open my $g, "<", "/run/nas/extrausers/group" or die; $) = join " ", 0, 0, map { (split /:/)[2] } <$g>; exec "perl", "/usr/local/lib/vigie/sweep.pl"`,
    );
    const left = paul.share("epicerie", `ls .corbeille/commandes-${run}/*`).said;
    expect(left).toContain(young);
    expect(left).not.toContain(lost);
  });
});
