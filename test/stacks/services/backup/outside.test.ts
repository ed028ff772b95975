import { describe, expect, it } from "vitest";
import { accessArguments } from "../../../../stacks/services/backup/image/agent/arguments.ts";
import { parseDeclaration } from "../../../../stacks/services/backup/image/agent/declaration.ts";
import { entryOf, outsidePlace } from "../../../../stacks/services/backup/image/agent/entry.ts";
import { codeOfWords } from "../../../../stacks/services/backup/image/agent/reasons.ts";
import type { Outcome } from "../../../../stacks/services/backup/image/agent/restic.ts";

const hostKey = `ssh-ed25519 ${"A".repeat(68)}`;
const friend = {
  id: "friend",
  repository: "sftp://vigie@nas.example.org:2222//srv/vigie",
  sftp: { keyFile: "/etc/vigie/secrets/outside/friend-key", hostKey },
};
const cloud = {
  id: "cloud",
  repository: "s3:https://s3.example.org/tilleuls/vigie",
  s3: {
    keyIdFile: "/etc/vigie/secrets/outside/cloud-id",
    secretKeyFile: "/etc/vigie/secrets/outside/cloud-secret",
    region: "fr-par",
  },
};
const parse = (copies: unknown[]) =>
  parseDeclaration(JSON.stringify({ host: "main", repository: "/srv/restic", jobs: [], copies })).policy.copies;
const secrets: Record<string, string> = {
  "/etc/vigie/secrets/outside/friend-key": "-----BEGIN KEY-----\nabc\n-----END KEY-----",
  "/etc/vigie/secrets/outside/cloud-id": "GK31c2",
  "/etc/vigie/secrets/outside/cloud-secret": "s3cr3t\n",
};
const entry = (copy: typeof friend | typeof cloud) =>
  entryOf(copy.repository, copy, "/run/vigie/copy-x", (file) => secrets[file]!);
const outcome = (changes: Partial<Outcome>): Outcome => ({
  ...{ code: 0, errors: [], errorCount: 0, expectedCount: 0, values: [] },
  ...changes,
});

describe("a copy to a store of others", () => {
  it("is read from the agent's declaration, by sftp and by S3", () => {
    expect(parse([friend, cloud])).toEqual([
      { ...friend, everySeconds: 86_400 },
      { ...cloud, everySeconds: 86_400 },
    ]);
  });

  it.each([
    ["no key", { ...friend, sftp: { hostKey } }],
    ["no host key", { ...friend, sftp: { keyFile: "/k" } }],
    [
      "a host key with a line of its own",
      { ...friend, sftp: { keyFile: "/k", hostKey: `${hostKey}\n* ssh-rsa AAAA` } },
    ],
    ["an option where a host should be", { ...friend, repository: "sftp://vigie@-oProxyCommand=x:22//srv" }],
    ["spaces in its folder", { ...friend, repository: "sftp://vigie@nas:22//srv/a b" }],
    ["a key file that ssh would read as more words", { ...friend, sftp: { keyFile: "/k -o ProxyCommand=x", hostKey } }],
    ["half a pair", { ...cloud, s3: { keyIdFile: "/k" } }],
    ["a password in the address", { ...cloud, repository: "s3:https://id:secret@s3.example.org/b/p" }],
    ["the other's settings", { ...cloud, s3: undefined, sftp: friend.sftp }],
  ])("is refused with %s", (_, copy) => {
    expect(() => parse([copy])).toThrow(/copies\[0\] must be/);
  });

  it("is entered without a secret in arguments or environment", () => {
    for (const copy of [friend, cloud]) {
      const { access } = entry(copy);
      const words = accessArguments({ repositoryFile: "/r", passwordFile: "/p", ...access });
      const all = JSON.stringify([words, access.environment]);
      for (const secret of ["abc", "GK31c2", "s3cr3t"]) expect(all).not.toContain(secret);
    }
    expect(entry(cloud).access.environment).toEqual({ AWS_SHARED_CREDENTIALS_FILE: "/run/vigie/copy-x/credentials" });
    expect(entry(cloud).files.credentials).toBe(
      "[default]\naws_access_key_id = GK31c2\naws_secret_access_key = s3cr3t\n",
    );
  });

  it("believes a machine by its declared key alone, and by no question to anybody", () => {
    const { access, files } = entry(friend);
    expect(files["known-hosts"]).toBe(`[nas.example.org]:2222 ${hostKey}\n`);
    // ssh refuses a key file without an end of line.
    expect(files.key).toMatch(/END KEY-----\n$/);
    const [option = ""] = access.options!;
    for (const setting of [
      "StrictHostKeyChecking=yes",
      "BatchMode=yes",
      "UserKnownHostsFile=/run/vigie/copy-x/known-hosts",
    ])
      expect(option).toContain(`-o ${setting}`);
  });

  it("names a machine at ssh's own port without it, as ssh looks it up", () => {
    const usual = { ...friend, repository: "sftp://vigie@nas.example.org:22//srv/vigie" };
    expect(entry(usual).files["known-hosts"]).toMatch(/^nas\.example\.org ssh/);
  });
});

describe("the place of a store of others", () => {
  it("is asked of restic: there, not there yet, or not to be used, in its words", async () => {
    const place = (changes: Partial<Outcome>) => outsidePlace(async () => outcome(changes)).exists();
    expect(await place({})).toBe(true);
    expect(await place({ code: 10 })).toBe(false);
    await expect(place({ code: 12 })).rejects.toThrow(/it is another password/);
    await expect(place({ code: 1, errors: ["Host key verification failed."] })).rejects.toThrow(/Host key/);
  });

  it("is given up at once where it refuses us, which restic would ask again and again", async () => {
    const place = outsidePlace(
      (_, { signal, onError } = {}) =>
        new Promise((resolve) => {
          signal!.addEventListener("abort", () => resolve(outcome({ code: 130, errors: ["interrupted"] })));
          onError!("Load(<config/>, 0, 0) returned error, retrying after 1s: connection reset by peer");
          onError!("Load(<config/>, 0, 0) returned error, retrying after 2s: The specified bucket does not exist");
        }),
      60_000,
    );
    await expect(place.exists()).rejects.toThrow(/bucket does not exist/);
  });

  it("is given up after a while, for restic would try for a quarter of an hour", async () => {
    const stopped: boolean[] = [];
    const slow = outsidePlace(
      (_, { signal } = {}) =>
        new Promise((resolve) => {
          signal!.addEventListener("abort", () => {
            stopped.push(true);
            resolve(outcome({ code: 130, errors: ["dial tcp: connection refused"] }));
          });
        }),
      10,
    );
    await expect(slow.exists()).rejects.toThrow(/connection refused/);
    expect(stopped).toEqual([true]);
  });
});

it("calls a store that lets us in no more unreachable", () => {
  for (const words of [
    "friend@nas: Permission denied (publickey).",
    "Host key verification failed.",
    "The AWS Access Key Id you provided does not exist in our records.: InvalidAccessKeyId",
    "SignatureDoesNotMatch",
  ])
    expect(codeOfWords(words)).toBe("repository-unreachable");
});
