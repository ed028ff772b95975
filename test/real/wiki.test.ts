import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { run } from "../../cli/run.ts";
import { demo, STACK, vigie } from "./demo.ts";
import { plainText, Visitor } from "./web.ts";
import { WikiVisitor } from "./wiki-visitor.ts";

/** Somebody of the shop, somebody of the office, and a page title that no other run has used. */
const SHOP = "paul-faure";
const OFFICE = "jeanne-roux";
const note = `essai-${Date.now()}`;

describe("TLS at the proxy", () => {
  it("is verified by curl with the authority's certificate, and refused without", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vigie-ca-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ca = join(folder, "root.crt");
    writeFileSync(ca, demo().authority);
    const url = `${demo().urls.wiki}/doku.php?do=login`;
    const trusting = await run("curl", ["--silent", "--show-error", "--fail", "--cacert", ca, url]);
    expect(trusting.stderr).toBe("");
    expect(trusting.stdout).toContain("Les Tilleuls");
    const stranger = await run("curl", ["--silent", "--show-error", url]);
    expect([stranger.code, stranger.stdout]).toEqual([60, ""]);
  });

  it("comes from an authority of the demo's own", () => {
    const root = new X509Certificate(demo().authority);
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
  });

  it.each(["wiki", "lookout"])("is what plain http leads to: %s", async (service) => {
    const { hostname, port } = new URL(demo().urls[service]!);
    const { statusCode, headers } = await request(`http://127.0.0.1:${Number(port) - 363}/some/page?x=1`, {
      headers: { host: `${hostname}:${Number(port) - 363}` },
    });
    expect([301, 308]).toContain(statusCode);
    expect(headers.location).toBe(`https://${hostname}:${port}/some/page?x=1`);
  });

  it("comes with headers that keep browsers on https and say nothing of the server", async () => {
    const { headers } = await new Visitor().get(`${demo().urls.wiki}/doku.php?do=login`);
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect([headers.server ?? "", headers["x-powered-by"] ?? ""].join("")).not.toMatch(/\d|caddy|php/i);
  });

  it("is refused for a name that nobody declared", async () => {
    const { code } = await run("curl", [
      ...["--silent", "--insecure", "--connect-to", `::127.0.0.1:${new URL(demo().urls.wiki!).port}`],
      "https://autre.tilleuls.localhost/",
    ]);
    expect(code).toBe(35);
  });
});

describe("a stranger", () => {
  it("is shown the way in, in the association's name", async () => {
    const { status, text } = await new WikiVisitor().read("start");
    expect(plainText(text)).toContain("Les Tilleuls");
    expect(text).toContain('name="p"');
    expect([200, 403]).toContain(status);
  });

  it("reads no page, no source, no history, no index and no feed", async () => {
    const member = new WikiVisitor();
    expect(await member.signIn(SHOP)).toBe(true);
    await member.write(`epicerie:${note}`, `Le code du portail est ${note}.`);
    expect((await member.read(`epicerie:${note}`)).text).toContain(`portail est ${note}`);
    const stranger = new WikiVisitor();
    for (const path of [
      `/doku.php?id=epicerie:${note}`,
      `/doku.php?id=epicerie:${note}&do=export_raw`,
      `/doku.php?id=epicerie:${note}&do=edit`,
      `/doku.php?id=epicerie:${note}&do=revisions`,
      `/doku.php?id=start&do=index`,
      `/doku.php?id=start&do=recent`,
      `/doku.php?do=search&q=portail`,
      "/feed.php",
      `/data/pages/epicerie/${note}.txt`,
      `/lib/exe/ajax.php?call=qsearch&q=${note}`,
    ]) {
      const { text } = await stranger.get(path);
      expect(text, path).not.toContain(`portail est ${note}`);
      // The address itself may be shown back, in the form that leads in.
      expect(plainText(text), path).not.toMatch(/Le code du portail/);
    }
  });

  it("does not get in with a wrong password, or somebody else's", async () => {
    expect(await new WikiVisitor().signIn(SHOP, "not-the-password")).toBe(false);
    expect(await new WikiVisitor().signIn(SHOP, demo().passwords[OFFICE])).toBe(false);
  });
});

describe("somebody of the shop's team", () => {
  const visitor = new WikiVisitor();
  beforeAll(async () => {
    expect(await visitor.signIn(SHOP)).toBe(true);
  });

  it("signs in with the password that `npm run password` gives", async () => {
    const { stdout } = await vigie(["password", SHOP, "--stack", STACK]);
    expect(await new WikiVisitor().signIn(SHOP, stdout.trim())).toBe(true);
  });

  it("writes in the team's namespace, and the wiki keeps every version", async () => {
    const page = `epicerie:prix-${note}`;
    await visitor.write(page, `Farine : 1,20 € ${note}`);
    await visitor.write(page, `Farine : 1,35 € ${note}`);
    expect(plainText((await visitor.read(page)).text)).toContain(`Farine : 1,35 € ${note}`);
    const { text } = await visitor.get(`/doku.php?id=${page}&do=revisions`);
    expect([...text.matchAll(/<input[^>]*name="rev2\[\]"/g)]).toHaveLength(2);
  });

  it("reads the namespace of another team and is offered no way to change it", async () => {
    const author = new WikiVisitor();
    expect(await author.signIn("karim-benali")).toBe(true);
    const page = `technique:${note}`;
    await author.write(page, `Mot de la technique ${note}`);
    expect((await visitor.read(page)).text).toContain(`Mot de la technique ${note}`);
    await expect(visitor.write(page, "détourné")).rejects.toThrow(/read only/);
  });

  it("is refused a change that is sent without being offered", async () => {
    const fields = await visitor.formOf(`epicerie:autre-${note}`);
    await visitor.save(`technique:force-${note}`, `détourné ${note}`, fields);
    const author = new WikiVisitor();
    await author.signIn("karim-benali");
    expect((await author.read(`technique:force-${note}`)).text).not.toContain(`détourné ${note}`);
    // The very same fields are good where they were offered: it is the namespace that is refused.
    await visitor.save(`epicerie:autre-${note}`, `permis ${note}`, fields);
    expect((await visitor.read(`epicerie:autre-${note}`)).text).toContain(`permis ${note}`);
  });

  it("reads nothing of the office's own namespace", async () => {
    const office = new WikiVisitor();
    expect(await office.signIn(OFFICE)).toBe(true);
    await office.write(`bureau:${note}`, `Salaires ${note}`);
    expect((await office.read(`bureau:${note}`)).text).toContain(`Salaires ${note}`);
    for (const path of [`/doku.php?id=bureau:${note}`, `/doku.php?id=bureau:${note}&do=export_raw`])
      expect((await visitor.get(path)).text).not.toContain(`Salaires ${note}`);
    expect(plainText((await visitor.get("/doku.php?do=search&q=Salaires")).text)).not.toContain(`Salaires ${note}`);
  });

  it("does not administer it, and a member of the IT team does", async () => {
    const tasks = async (who: WikiVisitor): Promise<string[]> =>
      [...(await who.get("/doku.php?id=start&do=admin")).text.matchAll(/do=admin&amp;page=(\w+)/g)].map(
        ([, task]) => task!,
      );
    const administrator = new WikiVisitor();
    expect(await administrator.signIn("lea-martin")).toBe(true);
    expect(await tasks(administrator)).toContain("revert");
    expect(await tasks(visitor)).toEqual([]);
  });
});
