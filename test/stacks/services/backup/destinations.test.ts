import { describe, expect, it } from "vitest";
import { deliveredSecrets } from "../../../../association/index.ts";
import { planNetworks } from "../../../../stacks/networks.ts";
import { destinationConfig } from "../../../../stacks/services/backup/config.ts";
import { destination, destinationSecrets, isOutside } from "../../../../stacks/services/backup/destinations.ts";
import { changedDemo, demo, serviceOf } from "../../fixtures/demo.ts";

const hostKey = `ssh-ed25519 ${"A".repeat(68)}`;
const sftp = { host: "nas.example.org", user: "vigie", path: "/srv/vigie", hostKey, key: { secret: "friend-key" } };
const s3 = {
  endpoint: "https://s3.fr-par.scw.cloud",
  bucket: "tilleuls",
  keyId: { secret: "cloud-id" },
  secretKey: { secret: "cloud-secret" },
};
const problems = (given: unknown): string[] =>
  (destination.safeParse(given).error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("where copies go", () => {
  it("is one place: a repository of ours, a machine by sftp, or a bucket", () => {
    for (const given of [{ repository: "annex" }, { sftp }, { s3 }]) expect(problems(given)).toEqual([]);
    expect(problems({})).toEqual([": exactly one of `repository`, `sftp` and `s3`"]);
    expect(problems({ repository: "annex", s3 })).toEqual([": exactly one of `repository`, `sftp` and `s3`"]);
  });

  it("says all that is missing of it at once, each by its path", () => {
    const { hostKey: _, key: __, ...half } = sftp;
    expect(problems({ sftp: { ...half, path: "vigie" } }).join("\n")).toMatch(
      /sftp\.path: an absolute path[\s\S]*sftp\.hostKey: [\s\S]*sftp\.key: `\{ secret/,
    );
    const { secretKey: ___, ...poor } = s3;
    expect(problems({ s3: { ...poor, endpoint: "http://s3.example.org" } }).join("\n")).toMatch(
      /s3\.endpoint: an address such as https:[\s\S]*s3\.secretKey: `\{ secret/,
    );
  });

  it("takes no secret itself, and no name that a program would read as something else", () => {
    expect(problems({ sftp: { ...sftp, key: "-----BEGIN OPENSSH PRIVATE KEY-----" } })).not.toEqual([]);
    expect(problems({ sftp: { ...sftp, host: "-oProxyCommand=sh" } })).not.toEqual([]);
    expect(problems({ sftp: { ...sftp, path: "/srv/../etc" } })).not.toEqual([]);
    expect(problems({ sftp: { ...sftp, hostKey: `${hostKey}\nevil` } })).not.toEqual([]);
  });

  it("becomes restic's address, and the files that the stack delivers", () => {
    const given = destination.parse({ sftp: { ...sftp, port: 2222 } });
    expect(destinationConfig(given, () => "")).toEqual({
      repository: "sftp://vigie@nas.example.org:2222//srv/vigie",
      sftp: { keyFile: "/etc/vigie/secrets/outside/friend-key", hostKey },
    });
    expect(destinationConfig(destination.parse({ s3 }), () => "")).toEqual({
      repository: "s3:https://s3.fr-par.scw.cloud/tilleuls/vigie",
      s3: {
        keyIdFile: "/etc/vigie/secrets/outside/cloud-id",
        secretKeyFile: "/etc/vigie/secrets/outside/cloud-secret",
      },
    });
    expect(destinationConfig(destination.parse({ repository: "annex" }), (id) => `rest:${id}`)).toEqual({
      repository: "rest:annex",
    });
    expect(deliveredSecrets(destinationSecrets(destination.parse({ s3 })))).toHaveLength(2);
  });
});

describe("the way out", () => {
  const internal = ({ inventory }: Pick<ReturnType<typeof demo>, "inventory">) =>
    planNetworks(inventory).find(({ server }) => server === "backup")?.internal;

  it("is open for the agent where it copies to a machine of others, and for that alone", () => {
    expect(internal(demo())).toBe(true);
    const built = changedDemo((copy) => {
      copy.services.backup.delivery.settings.copies = { cloud: { s3 } };
    });
    expect(serviceOf("backup", built).callsOut).toBe(true);
    expect(internal(built)).toBe(false);
    expect(isOutside(destination.parse({ repository: "annex" }))).toBe(false);
  });
});
