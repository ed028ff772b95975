import { describe, expect, it, test } from "vitest";
import { parseMultistatus } from "../../../monitors/checks/_multistatus.ts";
import carddav from "../../../monitors/checks/carddav.ts";
import webdav from "../../../monitors/checks/webdav.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { runCheck } from "../helpers/run.ts";
import { secretFile } from "../helpers/secret-file.ts";
import { web } from "../helpers/servers.ts";

const FOLDER = `<?xml version="1.0"?>
<D:multistatus xmlns:D="DAV:">
  <D:response><D:href>/dav/</D:href><D:propstat><D:prop><D:displayname>A &amp; B</D:displayname><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
    <D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
  <D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
</D:multistatus>`;
const card = (name: string) =>
  `<response><href>/b/${name}.vcf</href><propstat><prop><C:address-data>BEGIN:VCARD\nFN:${name}\nEND:VCARD</C:address-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>`;
const book = (...names: string[]) =>
  `<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">${names.map(card).join("")}</multistatus>`;

const answering = (body: string, status = 207) => {
  const seen: string[] = [];
  return web(async (request, response) => {
    let said = "";
    for await (const piece of request) said += piece;
    seen.push(
      `${request.method} ${request.headers.depth} ${request.headers.authorization ?? ""} ${said.includes("<")}`,
    );
    response.writeHead(status, { "content-type": "application/xml" }).end(body);
  }).then((server) => ({ ...server, seen }));
};

describe("a webdav check", () => {
  it("lists a folder as the account that it is given", async () => {
    const { url, seen } = await answering(FOLDER);
    const auth = { login: "lea", password: { file: secretFile("pw") } };
    const outcome = await runCheck(webdav, { url: `${url}/dav/`, depth: 1, auth, conditions: ["[ROWS] == 2"] });
    expect(outcome).toMatchObject({ ok: true, measures: { found: 2, status_code: 207 } });
    expect(seen).toEqual([`PROPFIND 1 Basic ${Buffer.from("lea:pw").toString("base64")} true`]);
  });

  test.each([
    [401, "wrong-password"],
    [403, "forbidden"],
    [404, "no-such-thing"],
    [200, "wrong-status"],
    [301, "wrong-status"],
    [500, "wrong-status"],
  ])("on status %d fails as %s", async (status, reason) => {
    const { url } = await answering("<html>", status);
    expect(await runCheck(webdav, { url })).toMatchObject({ ok: false, reason });
  });

  it("may expect another status", async () => {
    const { url } = await answering("", 401);
    expect(await runCheck(webdav, { url, conditions: ["[STATUS] == 401"] })).toMatchObject({ ok: true });
  });

  it.each(["", "<html>no</html>", "{}", "<a><multistatus/></a>", ...HOSTILE])(
    "takes %j for no multistatus",
    async (body) => {
      const { url } = await answering(body);
      expect(await runCheck(webdav, { url })).toMatchObject({ ok: false, reason: "malformed" });
    },
  );
});

describe("a carddav check", () => {
  it("counts the cards of an address book", async () => {
    const { url, seen } = await answering(book("Léa", "Max"));
    expect(await runCheck(carddav, { url, minCards: 2 })).toMatchObject({ ok: true, measures: { found: 2 } });
    expect(seen[0]).toMatch(/^REPORT 1/);
    const outcome = await runCheck(carddav, { url, minCards: 3 });
    expect(outcome).toMatchObject({ ok: false, reason: "no-such-thing" });
    expect(outcome.message).toContain("2 cards, expected 3 or more");
  });
});

describe("a multistatus", () => {
  it("tells each resource's properties that are there", async () => {
    const [folder, file] = (await parseMultistatus(FOLDER))!;
    expect(folder).toMatchObject({ href: "/dav/" });
    expect([...folder!.properties].sort()).toEqual(["displayname", "resourcetype"]);
    expect(folder!.texts.get("displayname")).toBe("A & B");
    expect(file!.texts.get("getetag")).toBe('"1"');
  });

  it("is read without expanding what a document type defines", async () => {
    const bomb = `<!DOCTYPE m [<!ENTITY a "${"x".repeat(100)}"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
      <multistatus><response><href>&b;&c;</href></response></multistatus>`;
    expect((await parseMultistatus(bomb))?.[0]?.href).toBe("&b;&c;");
  });

  it("nested as deep as one likes, or never closed, is no trouble", async () => {
    expect(await parseMultistatus(`<multistatus>${"<a>".repeat(100_000)}`)).toBeUndefined();
    expect(await parseMultistatus("<multistatus><response><href>/x</href></response>")).toHaveLength(1);
    const long = await parseMultistatus(`<multistatus><response><href>${"y".repeat(1_000_000)}`);
    expect(long?.[0]?.href.length).toBe(10_000);
  });

  it("lets others have their turn while it is read, and keeps no more properties than anybody asks for", async () => {
    let turns = 0;
    let reading = true;
    const count = () => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const many = Array.from({ length: 100_000 }, (_, index) => `<p${index}>x</p${index}>`).join("");
    const found = await parseMultistatus(
      `<multistatus><response><href>/</href><propstat><prop>${many}</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`,
    );
    reading = false;
    expect(turns).toBeGreaterThan(1);
    expect(found?.[0]?.properties.size).toBe(100);
  });
});
