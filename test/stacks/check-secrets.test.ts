import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import type { Check, SecretRef } from "../../association/index.ts";
import { deliveredSecrets, secret, secretFile } from "../../association/index.ts";
import { checkSecrets, neededSecrets } from "../../stacks/check-secrets.ts";
import { Secrets } from "../../stacks/secrets.ts";
import { changedDemo } from "./fixtures/demo.ts";

beforeAll(async () => {
  await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
});

const resolved = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
const secrets = new Secrets(pulumi.output(Buffer.alloc(32, 7).toString("base64url")));

/** An inventory with these checks, as far as secrets go. */
const inventory = (refs: Record<string, SecretRef[]>) => ({
  checks: Object.fromEntries(
    Object.entries(refs).map(([id, own]) => [id, { id, secrets: deliveredSecrets(own) } as unknown as Check]),
  ),
});

/** The stack's configuration, with these secrets of outside systems. */
function configured(given: string | undefined): pulumi.Config {
  pulumi.runtime.setAllConfig(given === undefined ? {} : { "vigie:secrets": given }, ["vigie:secrets"]);
  return new pulumi.Config("vigie");
}

describe("a secret that a check names", () => {
  it("is a name, and nothing that could be a value", () => {
    for (const good of [{ secret: "shop-db" }, { derived: "mail/vigie-probe" }, { file: "/run/x" }])
      expect(secret.parse(good)).toEqual(good);
    const bad = ["hunter2", { secret: "../root" }, { derived: "mail/../x" }, { derived: "alone" }, { file: "x" }, {}];
    for (const one of [...bad, { secret: "a", file: "/b" }]) expect(secret.safeParse(one).success).toBe(false);
  });

  it("has a file of its own, whatever its kind", () => {
    expect(secretFile({ secret: "shop-db" })).toBe("/etc/vigie/secrets/outside/shop-db");
    expect(secretFile({ derived: "mail/vigie-probe" })).toBe("/etc/vigie/secrets/derived/mail/vigie-probe");
    expect(secretFile({ file: "/run/x" })).toBe("/run/x");
  });

  it("is delivered once for all checks that need it, derived or from the stack's configuration", async () => {
    const all = inventory({
      "a/one": [{ derived: "mail/vigie-probe" }, { secret: "shop-db" }],
      "b/two": [{ secret: "shop-db" }, { file: "/run/x" }],
    });
    const files = checkSecrets(all, secrets, configured('{"shop-db":"s3cret","other":"unused"}'));
    expect(Object.keys(files)).toEqual(["derived/mail/vigie-probe", "outside/shop-db"]);
    expect(await resolved(files["outside/shop-db"]!)).toBe("s3cret");
    expect(await resolved(files["derived/mail/vigie-probe"]!)).toBe(await resolved(secrets.token("mail/vigie-probe")));
    for (const file of Object.values(files)) expect(await pulumi.isSecret(file)).toBe(true);
  });

  it("stops the preview where it is not set, naming every one, who needs it and the command", () => {
    const all = inventory({ "a/one": [{ secret: "shop-db" }], "b/two": [{ secret: "shop-db" }, { secret: "wifi" }] });
    const message = (given?: string) => {
      try {
        checkSecrets(all, secrets, configured(given));
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message()).toBe(
      'checks a/one, b/two: the secret "shop-db" is not set; set it, typing it when asked: ' +
        "npm run pulumi -- config set --secret --path vigie:secrets.shop-db\n" +
        'checks b/two: the secret "wifi" is not set; set it, typing it when asked: ' +
        "npm run pulumi -- config set --secret --path vigie:secrets.wifi",
    );
    expect(message('{"shop-db":"x","wifi":""}')).toMatch(/^checks b\/two: the secret "wifi"/);
    expect(message("not a set")).toContain("vigie:secrets is not a set of names and values");
  });

  it("is in the inventory by its name only", () => {
    const { inventory: built } = changedDemo((copy) => {
      const account = { login: "lea", password: { secret: "shop-mail" } };
      copy.services.till.checks.push({ check: "imap", address: "caisse.example:993", account });
    });
    expect(built.checks["till/imap"]).toMatchObject({
      secrets: [{ secret: "shop-mail" }],
      params: { account: { login: "lea", password: { secret: "shop-mail" } } },
    });
    expect([...neededSecrets(built).keys()]).toContain("outside/shop-mail");
  });
});
