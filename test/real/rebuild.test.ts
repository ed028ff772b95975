import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { stackFor } from "./names.ts";

const STACK = stackFor("rebuild");
const PREFIX = `tilleuls-${STACK}`;
const PAGE = "/var/lib/dokuwiki/pages/technique/reprise.txt";
const DECLARATION = "associations/small/index.ts";

/** The demo's wiki with what watches and saves it: enough to be lost. */
const small = (lea: string, karim: string): string => `
import { defineAssociation } from "../../association/index.ts";
import { needs } from "../tilleuls/needs.ts";
import { holders, roles, teams } from "../tilleuls/people.ts";
import { hosts, suppliers } from "../tilleuls/places.ts";
import { core } from "../tilleuls/services/core.ts";
import { tools } from "../tilleuls/services/tools.ts";
const { proxy, backup, snapshots, lookout, gate } = core;
export default defineAssociation({
  association: {
    id: "tilleuls", name: "Les Tilleuls", languages: ["fr", "en"], timeZone: "Europe/Paris",
    mainDomain: "tilleuls.localhost", contact: "secretary", needs,
  },
  domains: { "tilleuls.localhost": {} }, teams, roles, suppliers, hosts,
  holders: {
    ...holders,
    "lea-martin": { ...holders["lea-martin"], recoveryKey: "${lea}" },
    "karim-benali": { ...holders["karim-benali"], recoveryKey: "${karim}" },
  },
  services: { proxy, backup, snapshots, lookout, gate, wiki: tools.wiki },
} as never);
`;

const docker = (...words: string[]): string =>
  execFileSync("docker", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
const inWiki = (...words: string[]): string =>
  docker("exec", "--user", "www-data", `${PREFIX}-wiki`, "sh", "-c", ...words);
const listed = (...words: string[]): string[] =>
  docker(...words, "--filter", `name=${PREFIX}-`)
    .split("\n")
    .filter(Boolean);
/** As if the disk had gone. */
const loseEverything = (): void => {
  const containers = listed("ps", "--all", "--quiet");
  if (containers.length > 0) docker("rm", "--force", ...containers);
  const volumes = listed("volume", "ls", "--quiet");
  if (volumes.length > 0) docker("volume", "rm", "--force", ...volumes);
};

let first: DemoCopy;
let second: DemoCopy;
let password = "";
const paths = () => ({ copy: join(first.root, "copy"), key: join(first.root, "lea.key") });

beforeAll(async () => {
  first = copyDemo({ sharesState: false });
  const newKey = async (file: string): Promise<string> =>
    /age1[a-z0-9]+/.exec((await first.vigie("escrow", "--new-key", file)).stdout)![0];
  const keys = [await newKey(paths().key), await newKey(join(first.root, "karim.key"))] as const;
  // A clone has the declaration, and nothing of what belongs to one checkout.
  second = copyDemo({ sharesState: false });
  for (const one of [first, second]) {
    one.settle("rebuild");
    one.write(DECLARATION, small(...keys));
  }
  const up = await first.vigie("up", "--stack", STACK, "--declaration", DECLARATION);
  expect(up.code, up.stderr).toBe(0);
  inWiki(`mkdir -p $(dirname ${PAGE}) && printf 'avant la perte' > ${PAGE}`);
  const saved = await first.vigie("backup", "--stack", STACK);
  expect(saved.code, saved.stderr).toBe(0);
  password = (await first.vigie("password", "lea-martin", "--stack", STACK)).stdout;
  docker("cp", "--quiet", `${PREFIX}-snapshots:/var/lib/restic`, paths().copy);
});
afterAll(async () => {
  loseEverything();
  const networks = listed("network", "ls", "--quiet");
  if (networks.length > 0) docker("network", "rm", ...networks);
  for (const one of [first, second]) one?.remove();
});

describe("a volume that is deleted under a running stack", () => {
  it("is told and made again by `up`, and holds what it held after the documented restore", async () => {
    const words = ["restore", "--stack", STACK, "--service", "wiki"];
    // Named before the loss: the agent may have saved the empty volume by the time that it is restored.
    const id = (await first.vigie(...words)).stdout.trim().split("\n").at(-1)!.slice(0, 8);
    docker("rm", "--force", `${PREFIX}-wiki`, `${PREFIX}-backup`);
    docker("volume", "rm", `${PREFIX}-wiki-data`);
    const preview = await first.vigie("preview", "--stack", STACK);
    expect(preview.stderr).toMatch(/Gone from the engine, and made again by `up`: .*volume \S+-wiki-data/);
    expect(preview.stdout).toMatch(/would make volume \S+-wiki-data/);
    expect(preview.stdout).toMatch(/would make container wiki\b/);
    const up = await first.vigie("up", "--stack", STACK);
    expect(up.code, up.stderr).toBe(0);
    expect(up.stderr).toMatch(/Gone from the engine since the last command: .*container \S+-wiki\b/);
    expect(up.stderr).toContain("wiki has lost data, and runs without it");
    expect(inWiki(`test -e ${PAGE} || echo none`)).toBe("none");
    const back = await first.vigie(...words, "--snapshot", id, "--in-place", "--exact", "--yes");
    expect(back.code, back.stderr).toBe(0);
    expect(inWiki(`cat ${PAGE}`)).toBe("avant la perte");
  });
});

describe("an engine that is lost with all its snapshots", () => {
  it("is not brought up empty: `up` says what is gone and how it comes back", async () => {
    loseEverything();
    const up = await first.vigie("up", "--stack", STACK);
    expect(up.code).toBe(1);
    expect(up.stderr).toMatch(/lost the data of .*wiki, and its snapshots. Nothing was touched[\s\S]*npm run rebuild/);
    expect(listed("ps", "--all", "--quiet")).toEqual([]);
  });

  it("comes back in another clone from a copy and one key, killed on the way, with its data and its passwords", async () => {
    const { copy, key } = paths();
    const words = ["rebuild", "--repository", copy, "--key", key];
    const child = spawn(process.execPath, second.words(...words), {
      cwd: second.root,
      env: second.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(child, "close");
    let said = "";
    for await (const line of createInterface({ input: child.stderr })) {
      said += `${line}\n`;
      if (line.includes("lookout/data:")) child.kill("SIGKILL");
    }
    expect(await ended, said).toEqual([null, "SIGKILL"]);

    const { code, stderr } = await second.vigie(...words);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain("lookout/data:");
    expect(stderr).toContain("wiki/data:");
    expect(stderr).toMatch(/Everything is back after \d+ s/);
    expect(inWiki(`cat ${PAGE}`)).toBe("avant la perte");
    expect((await second.vigie("password", "lea-martin", "--stack", STACK)).stdout).toBe(password);
    const preview = await second.vigie("preview", "--stack", STACK);
    expect(preview.stderr).toContain("nothing to change");
  });

  it("is never rebuilt over what is there", async () => {
    const { copy, key } = paths();
    inWiki(`printf 'après' > ${PAGE}`);
    const { code, stderr } = await second.vigie("rebuild", "--repository", copy, "--key", key);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The engine still has .*Nothing was touched/);
    expect(inWiki(`cat ${PAGE}`)).toBe("après");
  });

  it("says no to a key that is nobody's, and to a copy without an escrow", async () => {
    const { copy } = paths();
    await first.vigie("escrow", "--new-key", join(first.root, "stranger.key"));
    const stranger = await second.vigie("rebuild", "--repository", copy, "--key", join(first.root, "stranger.key"));
    expect(stranger.stderr).toContain("That key does not open the escrow");
    const none = await second.vigie("rebuild", "--repository", first.root, "--key", "/nowhere");
    expect(none.stderr).toMatch(/There is no escrow in the copy[\s\S]*There is no key file/);
  });
});
