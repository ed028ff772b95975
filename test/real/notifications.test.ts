import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import type { Channel, Inventory, People } from "../../association/index.ts";
import { alertmanagerConfig } from "../../dashboards/alertmanager/config.ts";
import { loadChecks } from "../../monitors/checks.ts";
import { History } from "../../monitors/history/history.ts";
import { makeLog } from "../../monitors/log.ts";
import { Lookout } from "../../monitors/lookout.ts";
import { Metrics } from "../../monitors/metrics/registry.ts";
import { makeApp } from "../../monitors/web/app.ts";
import { Pages } from "../../monitors/web/pages.ts";
import { gatekeeper } from "../../monitors/web/proof.ts";
import { serve } from "../../monitors/web/server.ts";
import { demoInventory } from "../dashboards/views.ts";
import { resources } from "../monitors/helpers/run.ts";
import { web } from "../monitors/helpers/servers.ts";

let demo: { inventory: Inventory; people: People };
beforeAll(async () => {
  demo = await demoInventory();
});

const folder = mkdtempSync(join(tmpdir(), "vigie-notifications-"));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return { file: join(folder, name) };
};
const TOKEN = file("token", "between-the-two").file;

interface Received {
  method: string;
  path: string;
  authorization?: string;
  body: Record<string, unknown>;
}

/** A server that takes messages and keeps them; it answers 503 as often as it is told. */
async function inbox(failures = 0) {
  const received: Received[] = [];
  const read = async (request: IncomingMessage) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    return JSON.parse(text) as Record<string, unknown>;
  };
  let left = failures;
  const { url } = await web((request, response) => {
    void read(request).then((body) => {
      if (left-- > 0) {
        response.writeHead(503).end();
        return;
      }
      const { method = "", url: path = "", headers } = request;
      received.push({ method, path, authorization: headers.authorization, body });
      response.writeHead(200).end("{}");
    });
  });
  return { url, received };
}

/** A real mail server that keeps what it takes. */
async function postOffice() {
  const mails: { to: string[]; from: string; text: string; user?: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _, done) =>
      password === "sesame" ? done(null, { user: username }) : done(new Error("no")),
    onData: (stream, session, done) => {
      let text = "";
      stream.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          text,
          ...(session.user ? { user: String(session.user) } : {}),
        });
        done();
      });
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (listening.address() as { port: number }).port, mails };
}

/** The lookout and a real Alertmanager on the configuration derived for it, with some channels for those on call. */
async function alerting(alerts: Channel[], smtpPort?: number, deadman?: string) {
  const inventory: Inventory = {
    ...demo.inventory,
    roles: { ...demo.inventory.roles, "it-on-call": { ...demo.inventory.roles["it-on-call"]!, alerts } },
  };
  const history = new History({
    folder: mkdtempSync(join(tmpdir(), "vigie-notifications-")),
    timeZone: "Europe/Paris",
    retention: { rawDays: 1, dayDays: 1, maxBytes: 1e8 },
    onEvent: () => {},
  });
  const lookout = new Lookout({
    inventory,
    kinds: await loadChecks(),
    resources: resources(),
    history,
    onError: () => {},
  });
  lookout.engine.finished("wiki/http", { at: Date.now(), ok: false, seconds: 1, reason: "timeout", measures: {} });
  const metrics = new Metrics(lookout, "1.2.3");
  const smtp = {
    host: "127.0.0.1",
    port: smtpPort!,
    from: "vigie@tilleuls.localhost",
    username: "vigie",
    passwordFile: file("smtp", "sesame").file,
    allowPlain: true,
  };
  const app = makeApp({
    gatekeeper: gatekeeper(undefined, undefined),
    lookout,
    metrics,
    pages: new Pages(lookout, demo.people),
    log: makeLog("silent"),
    alerts: {
      token: "between-the-two",
      ...(smtpPort === undefined ? {} : { smtp }),
      ...(deadman === undefined ? {} : { deadmanFile: file("deadman", deadman).file }),
    },
  });
  const served = await serve(app, 0, "127.0.0.1");
  const base = `http://127.0.0.1:${served.port}`;
  const config = alertmanagerConfig(inventory, {
    webhookUrl: `${base}/api/alerts`,
    tokenFile: TOKEN,
    ...(smtpPort === undefined ? {} : { smtp: { ...smtp, requireTls: false } }),
  }) as { route: Record<string, unknown> };
  // Nobody wants to wait for groups to gather.
  const text = JSON.stringify(config).replaceAll(/"group_(wait|interval)":"[^"]*"/g, '"group_$1":"1s"');
  const port = await freePort();
  const child = spawn(
    "prometheus-alertmanager",
    [
      `--config.file=${file("alertmanager.yml", text).file}`,
      `--storage.path=${mkdtempSync(join(tmpdir(), "vigie-alertmanager-"))}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  onTestFinished(async () => {
    if (child.exitCode === null) {
      child.kill();
      await once(child, "exit");
    }
    await served.stop(100);
    history.close();
  });
  const at = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        fetch(`${at}/-/ready`).then(
          ({ status }) => status,
          () => said,
        ),
      { timeout: 60_000 },
    )
    .toBe(200);
  const raise = async (labels: Record<string, string>, ended = false, annotations: Record<string, string> = {}) => {
    const response = await fetch(`${at}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([
        {
          labels,
          annotations: {
            summary: "Wiki: check http fails",
            runbook_url: "https://etat.example/runbooks/CheckFailing?service=wiki",
            ...annotations,
          },
          startsAt: "2026-11-20T08:00:00Z",
          ...(ended ? { endsAt: new Date(Date.now() - 1000).toISOString() } : {}),
        },
      ]),
    });
    expect(response.status).toBe(200);
  };
  return { raise, base, metrics: () => fetch(`${base}/metrics`).then((answer) => answer.text()) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const failing = {
  alertname: "CheckFailing",
  service: "wiki",
  check: "http",
  owner: "it-on-call",
  team: "it",
  level: "1",
  severity: "page",
};
const patient = { timeout: 60_000 };
const unescaped = (text: string): string => text.replaceAll("\\", "");

it("an alert reaches those on call by ntfy, Mattermost, Matrix and Signal, in their language, with what to do, and so does its end", async () => {
  const { url, received } = await inbox();
  const common = { pagesOnly: false } as const;
  const { raise, metrics } = await alerting([
    { by: "ntfy", server: url, topic: file("topic", "tilleuls-secret"), token: file("ntfy", "tk_1"), ...common },
    { by: "mattermost", webhook: file("hook", `${url}/hooks/abc`), language: "en", ...common },
    { by: "matrix", server: url, room: "!room:example.org", token: file("matrix", "syt_1"), ...common },
    { by: "signal", server: url, from: file("from", "+33639980100"), to: file("to", "group.abc"), ...common },
  ]);
  await raise(failing);
  await expect.poll(() => received.length, patient).toBe(4);
  const by = (path: string) => received.find((one) => one.path.startsWith(path))!;
  const ntfy = received.find(({ body }) => body.topic !== undefined)!;
  expect(ntfy.authorization).toBeDefined();
  expect(ntfy).toMatchObject({
    authorization: "Bearer tk_1",
    path: "/",
    body: { topic: "tilleuls-secret", priority: 5 },
  });
  expect(ntfy.body.title).toMatch(/^ALERTE\u00a0: .*Wiki/);
  expect(ntfy.body.message).toContain("contrôle http – pas de réponse à temps – depuis");
  expect(ntfy.body.click).toBe("https://etat.example/runbooks/CheckFailing?service=wiki");
  const text = unescaped(String(by("/hooks/abc").body.text));
  expect(text).toMatch(/^\*\*ALERT: .*Wiki/);
  expect(text).toContain("What to do: https://etat.example/runbooks/CheckFailing?service=wiki");
  expect(by("/_matrix/client/v3/rooms/!room%3Aexample.org/send/m.room.message/")).toMatchObject({
    method: "PUT",
    authorization: "Bearer syt_1",
    body: { msgtype: "m.text" },
  });
  expect(by("/v2/send").body).toMatchObject({ number: "+33639980100", recipients: ["group.abc"] });

  await raise(failing, true);
  await expect.poll(() => received.length, patient).toBe(8);
  expect(received.filter(({ body }) => /Rétabli|Recovered/.test(JSON.stringify(body)))).toHaveLength(4);
  expect(await metrics()).toContain('vigie_alert_messages_total{channel="ntfy",result="sent"} 2');
});

it("a server that is out of order for a moment is told again, and the others only once", async () => {
  const broken = await inbox(2);
  const sound = await inbox();
  const { raise, metrics } = await alerting([
    { by: "mattermost", webhook: file("broken", `${broken.url}/hook`), pagesOnly: false },
    { by: "mattermost", webhook: file("sound", `${sound.url}/hook`), pagesOnly: false },
  ]);
  await raise(failing);
  await expect.poll(() => broken.received.length, patient).toBe(1);
  expect(sound.received).toHaveLength(1);
  expect(await metrics()).toMatch(/vigie_alert_messages_total\{channel="mattermost",result="failed"\} [2-9]/);
});

it("mail goes to the role's box, signed in, in one part of plain text; what the lookout cannot tell itself goes there directly", async () => {
  const { port, mails } = await postOffice();
  const { raise } = await alerting([{ by: "mail", to: "astreinte@tilleuls.localhost", pagesOnly: false }], port);
  await raise(failing);
  await expect.poll(() => mails.length, patient).toBe(1);
  expect(mails[0]).toMatchObject({
    from: "vigie@tilleuls.localhost",
    to: ["astreinte@tilleuls.localhost"],
    user: "vigie",
  });
  expect(mails[0]!.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mails[0]!.text).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
  expect(mails[0]!.text).not.toContain("text/html");
  await raise({ alertname: "LookoutDown", service: "lookout", owner: "it-on-call", level: "1", severity: "page" });
  await expect
    .poll(
      () => mails.filter(({ text }) => /^User-Agent|^X-Mailer/m.test(text) || !text.includes("Auto-Submitted")).length,
      patient,
    )
    .toBeGreaterThan(0);
});

it("a channel for what wakes somebody is spared tickets", async () => {
  const { url, received } = await inbox();
  const { raise } = await alerting([
    { by: "ntfy", server: url, topic: file("pages", "pages"), pagesOnly: true },
    { by: "ntfy", server: url, topic: file("all", "all"), pagesOnly: false },
  ]);
  await raise({ ...failing, severity: "ticket" });
  await expect.poll(() => received.length, patient).toBe(1);
  await raise(failing);
  await expect.poll(() => received.length, patient).toBe(3);
  expect(received.map(({ body }) => body.topic).sort()).toEqual(["all", "all", "pages"]);
});

it("hostile names and addresses call nobody, link nowhere and break no line", async () => {
  const { url, received } = await inbox();
  const { port, mails } = await postOffice();
  const { raise } = await alerting(
    [
      { by: "mattermost", webhook: file("hostile", `${url}/hook`), pagesOnly: false },
      { by: "mail", to: "a@tilleuls.localhost", pagesOnly: false },
    ],
    port,
  );
  const evil = "@all [click](https://evil.example) <b>\u202e`x`\r\nBcc: everybody@evil.example\u001b[31m {{ .Labels }}";
  await raise({ ...failing, alertname: "Unknown", check: evil, service: "nowhere" }, false, {
    summary: evil,
    runbook_url: "javascript:alert(1)",
  });
  await expect.poll(() => [received.length, mails.length], patient).toEqual([1, 1]);
  const text = String(received[0]!.body.text);
  expect(text).not.toMatch(/@all|\]\(|(?<!\\)<b|javascript|\u202e|(?<!\\)`/);
  expect(text).not.toContain("\u001b");
  const [head] = mails[0]!.text.split("\r\n\r\n");
  expect(head).not.toMatch(/^Bcc:/m);
  expect(mails[0]!.to).toEqual(["a@tilleuls.localhost"]);
});

it("only Alertmanager may post alerts", async () => {
  const { url, received } = await inbox();
  const { base } = await alerting([{ by: "ntfy", server: url, topic: file("t", "t"), pagesOnly: false }]);
  const message = {
    version: "4",
    receiver: "x",
    alerts: [{ status: "firing", labels: failing, startsAt: "2026-11-20T08:00:00Z" }],
  };
  for (const authorization of [undefined, "Bearer wrong", "Basic between-the-two"]) {
    const { status } = await fetch(`${base}/api/alerts?role=it-on-call&channel=0`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
      body: JSON.stringify(message),
    });
    expect(status).toBe(401);
  }
  expect(received).toEqual([]);
});

it("the sign of life calls an address outside, again and again until that takes it", async () => {
  const { url, received } = await inbox(1);
  const { raise } = await alerting([], undefined, `${url}/ping/abc`);
  await raise({ alertname: "Watchdog", severity: "none", level: "1", owner: "it-on-call", service: "prometheus" });
  await expect.poll(() => received.map(({ path }) => path), patient).toContain("/ping/abc");
});
