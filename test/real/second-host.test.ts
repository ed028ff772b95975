import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wantedBaseImages } from "../../cli/base-images.ts";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { docker, eventually } from "./demo.ts";
import { type FarEngine, startFarEngine } from "./far-engine.ts";
import { offsetOf, stackFor } from "./names.ts";
import { metricsIn, Visitor } from "./web.ts";

const NAME = stackFor("second");
const prefix = `annexe-${NAME}`;

/** An association with a server, and a second one in its premises: the NAS, its backup agent and a gate. */
const declaration = ({ engine, address, here }: FarEngine): string => `
import { defineAssociation } from "../../association/index.ts";
const nothing = { none: "Nothing of anybody's is in it" } as const;
const text = (words: string) => ({ fr: words, en: words });
const common = { owner: "it", audience: "internal", privacy: nothing } as const;
export default defineAssociation({
  association: { id: "annexe", name: "Annexe", mainDomain: "annexe.localhost", contact: "it" },
  domains: { "annexe.localhost": {} },
  teams: { it: { name: text("Informatique") } },
  holders: { amelie: { name: "Amélie Test", email: "amelie@courriel.example" } },
  roles: { it: { title: text("Informatique"), team: "it", holders: ["amelie"] } },
  hosts: {
    main: { name: text("Serveur"), address: "${here}", publishOn: "${here}" },
    premises: { name: text("Local"), engine: "${engine}", address: "${address}", publishOn: "0.0.0.0" },
  },
  services: {
    proxy: {
      ...common, name: text("Portail"), purpose: text("Ouvre"), backup: nothing, runbook: "proxy",
      delivery: { by: "us", kind: "proxy", host: "main", publish: { http: 8080, https: 8443 } },
      checks: [{ check: "tcp", every: "10s", address: "https" }],
    },
    wiki: {
      ...common, name: text("Wiki"), purpose: text("Pages"), backup: nothing, runbook: "wiki", hostname: "wiki.annexe.localhost",
      delivery: { by: "us", kind: "wiki", host: "main", settings: { title: "Annexe", administrators: ["it"] } },
      checks: [{ check: "http", every: "10s", url: "/doku.php", expect: { body: "Annexe" } }],
    },
    lookout: {
      ...common, name: text("Vigie"), purpose: text("Surveille"), backup: nothing, runbook: "exporter", hostname: "etat.annexe.localhost",
      delivery: { by: "us", kind: "exporter", host: "main", settings: { readers: ["it"] } },
      checks: [{ check: "http", every: "10s", url: "/healthz", expect: { status: [200] } }],
    },
    gate: {
      ...common, name: text("Conteneurs"), purpose: text("Montre"), backup: nothing, runbook: "gate",
      delivery: { by: "us", kind: "gate", host: "main" }, checks: [{ check: "tcp", every: "10s", address: "http" }],
    },
    snapshots: {
      ...common, name: text("Instantanés"), purpose: text("Garde"), backup: nothing, runbook: "backup-repository",
      delivery: { by: "us", kind: "backup-repository", host: "main", publish: { rest: 8000 } },
      checks: [{ check: "tcp", every: "10s", address: "rest" }],
    },
    "premises-gate": {
      ...common, name: text("Conteneurs du local"), purpose: text("Montre"), backup: nothing, runbook: "gate",
      delivery: { by: "us", kind: "gate", host: "premises", publish: { http: 2375 } },
      checks: [{ check: "tcp", every: "10s", address: "http" }],
    },
    "premises-backup": {
      ...common, name: text("Sauvegarde du local"), purpose: text("Copie"), backup: nothing, runbook: "backup",
      delivery: { by: "us", kind: "backup", host: "premises", settings: { repository: "snapshots" }, publish: { report: 9465 } },
      checks: [{ check: "container", every: "10s" }],
    },
    nas: {
      ...common, name: text("Fichiers"), purpose: text("Dossiers"), backup: { schedule: "0 3 * * *" }, runbook: "nas",
      delivery: { by: "us", kind: "nas", host: "premises", publish: { smb: 445, status: 4002 } },
      checks: [
        { check: "tcp", every: "10s", address: "smb" },
        { check: "backup", every: "30s", timeout: "30s", volumes: ["audit", "shares"], service: "nas", maxAge: "2d" },
      ],
    },
  },
  shares: { commun: { name: text("Commun"), service: "nas", team: "it" } },
} as never);
`;

describe("a second host, reached by ssh", () => {
  let far: FarEngine;
  let copy: DemoCopy;
  let folder: string;
  let urls: Record<string, string>;
  let passwords: Record<string, string>;

  beforeAll(async () => {
    far = await startFarEngine(wantedBaseImages());
    copy = copyDemo({ sharesState: false, env: far.env });
    copy.settle("second");
    copy.write("associations/tilleuls/index.ts", declaration(far));
    folder = mkdtempSync(join(tmpdir(), "vigie-far-"));
    const { code, stderr } = await copy.vigie("up", "--stack", NAME);
    expect(stderr).toContain(`${NAME} is up`);
    expect(code).toBe(0);
    const outputs = await copy.vigie("pulumi", "stack", "output", "--stack", NAME, "--json", "--show-secrets");
    ({ urls, passwords } = JSON.parse(outputs.stdout));
  });
  afterAll(async () => {
    await copy?.vigie("down", "--stack", NAME, "--yes-delete-data", NAME);
    await far?.stop();
    copy?.remove();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("runs what is declared there, and the first host the rest", () => {
    const names = (all: string): string[] =>
      all
        .split("\n")
        .filter((name) => name.startsWith(`${prefix}-`))
        .sort();
    expect(names(far.docker("ps", "--format", "{{.Names}}"))).toEqual(
      ["nas", "premises-backup", "premises-gate"].map((service) => `${prefix}-${service}`),
    );
    expect(names(docker("ps", "--format", "{{.Names}}"))).toEqual(
      ["gate", "lookout", "proxy", "snapshots", "wiki"].map((service) => `${prefix}-${service}`),
    );
  });

  it("keeps to the bounds of the first: no container there may have more processes than it should", () => {
    for (const service of ["nas", "premises-backup", "premises-gate"])
      expect(
        Number(far.docker("inspect", "--format", "{{.HostConfig.PidsLimit}}", `${prefix}-${service}`)),
      ).toBeGreaterThan(0);
  });

  it("is watched across the wire: its containers, its ports and its backups are all seen to be well", async () => {
    const authority = docker("exec", `${prefix}-proxy`, "cat", "/var/lib/caddy/caddy/pki/authorities/local/root.crt");
    const visitor = new Visitor(undefined, authorization("amelie", passwords.amelie!), authority, far.here);
    await eventually(async () => {
      const { text } = await visitor.get(`${urls.lookout}/metrics`);
      const up = metricsIn(text, "vigie_check_up").map(
        ({ labels, value }) => `${labels.service}/${labels.check} ${value}`,
      );
      for (const check of [
        ...["nas/tcp", "nas/container", "nas/backup", "nas/backup-job", "nas/share-room", "nas/share-versions"],
        ...["premises-gate/tcp", "premises-gate/container", "premises-backup/container"],
        ...["proxy/tcp", "wiki/http", "wiki/container", "snapshots/tcp", "lookout/http", "gate/tcp"],
      ])
        expect(up, `${check} of\n${up.join("\n")}`).toContain(`${check} 1`);
    }, 180);
  });

  it("serves its files at its own address, and keeps them", () => {
    const account = join(folder, "account");
    const file = join(folder, "file");
    writeFileSync(account, `username=amelie\npassword=${passwords.amelie}\n`, { mode: 0o600 });
    writeFileSync(file, "au local\n");
    const smb = (commands: string): string =>
      execFileSync(
        "smbclient",
        [
          `//${far.address}/commun`,
          "--port",
          String(445 + offsetOf("second")),
          "--authentication-file",
          account,
          "--command",
          commands,
        ],
        { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
      );
    smb(`put ${file} note.txt`);
    expect(smb("ls")).toMatch(/note\.txt\s+\w*\s+9 /);
    expect(smb("get note.txt -")).toContain("au local");
  });

  it("sends its snapshots to the first host", () => {
    const inBackup = (...words: string[]): string => far.docker("exec", `${prefix}-premises-backup`, ...words);
    const [, id] = /nas-shares: \w+, snapshot (\w{8})/.exec(inBackup("vigie-backup", "run", "nas-shares"))!;
    // Listed by the repository, which is on the first host.
    const listed = JSON.parse(inBackup("vigie-backup", "list", "--json")) as { id: string; tags: string[] }[];
    expect(listed.find((one) => one.id.startsWith(id!))?.tags).toContain("service=nas");
  });

  it("has nothing to change at a second `up`", async () => {
    const { stderr, code } = await copy.vigie("up", "--stack", NAME);
    expect(stderr).toMatch(/nothing to change/);
    expect(code).toBe(0);
  });

  it("is said to be out of reach, with what to type, when ssh does not know it", async () => {
    const stranger = copyDemo({ sharesState: false });
    try {
      stranger.settle("second");
      stranger.write("associations/tilleuls/index.ts", declaration(far));
      const { code, stderr } = await stranger.vigie("preview", "--stack", NAME);
      expect(stderr).toMatch(/The Docker engine at ssh:\/\/\S+ cannot be used: its ssh key is not known here/);
      expect(code).toBe(1);
    } finally {
      stranger.remove();
    }
  });
});

const authorization = (login: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`,
});
