import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wantedBaseImages } from "../../cli/base-images.ts";
import { copyDemo, type DemoCopy } from "./copy.ts";
import { docker, eventually } from "./demo.ts";
import { type FarEngine, startFarEngine } from "./far-engine.ts";
import { offsetOf, stackFor } from "./names.ts";
import { metricsIn, plainText, Visitor } from "./web.ts";

const NAME = stackFor("second");
const prefix = `annexe-${NAME}`;

/** A port of somebody else's, which both hosts are to reach. */
const CLUB = 18_080 + offsetOf("second");

/** Where those on call are told. */
const NTFY = CLUB + 1;

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
  roles: { it: {
    title: text("Informatique"), team: "it", holders: ["amelie"],
    alerts: [{ by: "ntfy", server: "http://${here}:${NTFY}", topic: { derived: "test/topic" } }],
  } },
  suppliers: { neighbour: { name: "Le Club", contact: { email: "club@voisin.example" } } },
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
    lodge: {
      ...common, name: text("Guet du local"), purpose: text("Regarde d'ailleurs"), backup: nothing, runbook: "vantage",
      delivery: { by: "us", kind: "vantage", host: "premises", settings: { tellsAfter: "30s" } }, checks: [{ check: "container", every: "10s" }],
    },
    club: {
      ...common, name: text("Club"), purpose: text("Un service d'un autre"), backup: nothing, runbook: "external-service",
      delivery: { by: "supplier", supplier: "neighbour" },
      checks: [{ check: "tcp", every: "5s", failAfter: 1, recoverAfter: 1, retries: 0, timeout: "2s", address: "${here}:${CLUB}", expect: "welcome" }],
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

  const visitor = (): Visitor => {
    const authority = docker("exec", `${prefix}-proxy`, "cat", "/var/lib/caddy/caddy/pki/authorities/local/root.crt");
    return new Visitor(undefined, authorization("amelie", passwords.amelie!), authority, far.here);
  };

  it("runs what is declared there, and the first host the rest", () => {
    const names = (all: string): string[] =>
      all
        .split("\n")
        .filter((name) => name.startsWith(`${prefix}-`))
        .sort();
    expect(names(far.docker("ps", "--format", "{{.Names}}"))).toEqual(
      ["lodge", "nas", "premises-backup", "premises-gate"].map((service) => `${prefix}-${service}`),
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
    await eventually(async () => {
      const { text } = await visitor().get(`${urls.lookout}/metrics`);
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

  describe("is a second place to watch from", () => {
    let club: Server;
    /** Whom the neighbour turns away: connections from the first host have an address of its own, those from the second come over the wire. */
    let refuses: (address: string) => boolean = () => false;
    const fromFirst = (address: string): boolean => address !== far.address;
    beforeAll(async () => {
      club = createServer((socket) => {
        socket.on("error", () => {});
        if (refuses(socket.remoteAddress ?? "")) socket.resetAndDestroy();
        else socket.end("welcome\n");
      });
      club.listen(CLUB, far.here);
      await once(club, "listening");
    });
    afterAll(() => void club?.close());

    const gauge = async (name: string, service: string, check: string): Promise<number | undefined> =>
      metricsIn((await visitor().get(`${urls.lookout}/metrics`)).text, name).find(
        ({ labels }) => labels.service === service && labels.check === check,
      )?.value;
    /** What the lookout's last run found itself, and what it makes of that with the other place. */
    const seenAndAgreed = async () => [
      await gauge("vigie_check_success", "club", "tcp"),
      await gauge("vigie_check_up", "club", "tcp"),
    ];
    const clubOnCall = async (): Promise<string> => {
      const { text } = await visitor().get(`${urls.lookout}/oncall?lang=en`);
      return plainText(/<tr[^>]*>\s*<th scope="row">Club<[\s\S]*?<\/tr>/.exec(text)?.[0] ?? "");
    };

    it("that is heard of, and agrees while all is well", async () => {
      await eventually(async () => {
        expect(await gauge("vigie_check_up", "lodge", "vantage")).toBe(1);
        expect(await seenAndAgreed()).toEqual([1, 1]);
      }, 120);
    });

    it("so that what is out of reach from one place only is no outage, and those on call read from where", async () => {
      refuses = fromFirst;
      await eventually(async () => {
        expect(await seenAndAgreed()).toEqual([0, 1]);
        expect(await clubOnCall()).toContain("down as seen from the lookout, up as seen from Guet du local");
      }, 60);
      // The other place is asked every ten seconds: it has been asked since.
      const until = Date.now() + 25_000;
      await eventually(async () => {
        expect(await seenAndAgreed()).toEqual([0, 1]);
        expect(Date.now()).toBeGreaterThan(until);
      }, 40);
    });

    it("so that what is out of reach from both is one", async () => {
      refuses = () => true;
      await eventually(async () => expect(await seenAndAgreed()).toEqual([0, 0]), 60);
      refuses = () => false;
      await eventually(async () => expect(await seenAndAgreed()).toEqual([1, 1]), 60);
    });

    it("that is missed when it is silent, while the first goes on by itself", async () => {
      far.docker("stop", `${prefix}-lodge`);
      await eventually(async () => expect(await gauge("vigie_check_up", "lodge", "vantage")).toBe(0), 180);
      expect(plainText((await visitor().get(`${urls.lookout}/oncall?lang=en`)).text)).toContain(
        "The lookout lodge cannot be asked",
      );
      refuses = fromFirst;
      await eventually(async () => expect(await seenAndAgreed()).toEqual([0, 0]), 120);
      refuses = () => false;
      far.docker("start", `${prefix}-lodge`);
      await eventually(async () => {
        expect(await seenAndAgreed()).toEqual([1, 1]);
        expect(await gauge("vigie_check_up", "lodge", "vantage")).toBe(1);
      }, 120);
    });

    it("that tells those on call, by their own channel, that the lookout is silent, and that it is back", async () => {
      const told: { title: string; message: string }[] = [];
      const ntfy = createHttpServer((request, response) => {
        void text(request).then((body) => {
          told.push(JSON.parse(body));
          response.end("{}");
        });
      });
      ntfy.listen(NTFY, far.here);
      await once(ntfy, "listening");
      try {
        docker("stop", `${prefix}-lookout`);
        await eventually(() => expect(told).toHaveLength(1), 120);
        expect(told[0]!.title).toBe("ALERTE\u00a0: La vigie ne répond plus – Vigie");
        expect(told[0]!.message).toContain("Vu depuis\u00a0: Guet du local");
        docker("start", `${prefix}-lookout`);
        await eventually(() => expect(told).toHaveLength(2), 120);
        expect(told[1]!.title).toBe("Rétabli\u00a0: La vigie ne répond plus – Vigie");
      } finally {
        docker("start", `${prefix}-lookout`);
        ntfy.close();
      }
    });

    it("that tells nobody else what it sees, and has no pages", async () => {
      const at = `http://${far.address}:${9464 + offsetOf("second")}`;
      for (const [path, status] of [
        ["/healthz", 200],
        ["/api/states", 401],
        ["/", 404],
        ["/metrics", 404],
      ] as const)
        expect([path, (await fetch(`${at}${path}`)).status]).toEqual([path, status]);
    });
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
