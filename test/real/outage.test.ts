import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { container, demo, docker, eventually, inside } from "./demo.ts";
import { type Message, messagesIn } from "./mailbox.ts";
import { fromHtml, lookoutPage, metric, plainText, Visitor } from "./web.ts";

/** The longest that a broken container goes unnoticed: two checks thirty seconds apart, and their time. */
const NOTICED = 180;
/**
 * A scrape, an evaluation and the time that Alertmanager gathers alerts of one service; up to two minutes where the service
 * was down a moment ago, for then the news joins the next of its group. Doubled, for machines that have other things to do.
 */
const TOLD = 360;
/** What is looked at every five minutes and failed meanwhile is good again at its next look. */
const MENDED = 420;
/** Alertmanager tells of a group's changes every two minutes, and Prometheus lets an alert go a few evaluations after. */
const RESOLVED = 480;

interface Notification {
  startsAt: string;
  time: number;
  receiver: string;
  status: string;
  labels: Record<string, string>;
}

/** What Alertmanager has sent to the lookout since a moment, from the lookout's own log. */
const notifications = (since: number): Notification[] =>
  docker("logs", "--since", String(Math.floor(since / 1000)), container("lookout"))
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === "alert");

const told = (service: string, status: string, since: number): void =>
  expect(notifications(since)).toContainEqual(
    expect.objectContaining({
      receiver: "role it-on-call",
      status,
      labels: expect.objectContaining({ alertname: "ContainerUnhealthy", service, level: "1" }),
    }),
  );

/** A service's entry on the public page. */
async function entry(service: string): Promise<{ status: string; text: string }> {
  const html = await lookoutPage("/?lang=en");
  const [item, status] = new RegExp(
    `<li class="service (\\w+)" id="${service}">[\\s\\S]*?</li>\\s*(?=<li class="service|</ul>)`,
  ).exec(html)!;
  return { status: status!, text: plainText(item) };
}

const containerUp = async (service: string): Promise<number | undefined> =>
  (await metric("vigie_check_up")).find(({ labels }) => labels.service === service && labels.kind === "container")
    ?.value;

/** How long an outage lasts before it is an incident (`openAfter`), and the time that it takes to be seen and mailed. */
const OPENED = 480;
/** What came into the box of those on call, as one of them reads it. */
const onCall = (since: number): Promise<Message[]> => messagesIn("commission.technique", "karim-benali", since);

describe.sequential("a killed wiki and a frozen NAS", { timeout: 10 * 60_000 }, () => {
  let broken: number;
  let mended: number | undefined;
  beforeAll(async () => {
    await eventually(async () => {
      for (const service of ["wiki", "nas"])
        expect([service, (await entry(service)).status]).toEqual([service, "operational"]);
    }, NOTICED);
    broken = Date.now();
    docker("kill", container("wiki"));
    docker("pause", container("nas"));
  });
  afterAll(() => {
    // Whatever failed above, the next tests find the demo whole.
    docker("start", container("wiki"));
    if (docker("inspect", "--format", "{{.State.Paused}}", container("nas")).trim() === "true")
      docker("unpause", container("nas"));
  });

  it("are seen on the public page, in words for members", async () => {
    await eventually(async () => {
      for (const service of ["wiki", "nas"])
        expect([service, (await entry(service)).status]).toEqual([service, "down"]);
    }, NOTICED);
    const html = plainText(await lookoutPage("/?lang=en"));
    expect(html).toContain("Some services are down");
    expect(html).toMatch(/Down: [^.]*(Shared files and Wiki|Wiki and Shared files)/);
    expect((await entry("proxy").catch(() => undefined))?.status).not.toBe("down");
  });

  it("are told to members at the service's own address, with the way to the page of states", async () => {
    await eventually(async () => {
      const { status, headers, text } = await new Visitor().get(`${demo().urls.wiki}/`);
      expect([status, headers["content-type"], headers["cache-control"]]).toEqual([
        502,
        "text/html; charset=utf-8",
        "no-store",
      ]);
      expect(plainText(text)).toMatch(/Wiki\s: pas de réponse/);
      expect(fromHtml(text)).toContain(`<a href="${demo().urls.lookout}/?lang=fr">`);
    }, 60);
  });

  it("are seen in the metrics, with the reason", async () => {
    // The page knows from the first check that is down; each has its own pace.
    await eventually(async () => {
      expect([await containerUp("wiki"), await containerUp("nas"), await containerUp("proxy")]).toEqual([0, 0, 1]);
    }, NOTICED);
    const reasons = await metric("vigie_check_failure_info");
    for (const service of ["wiki", "nas"])
      expect(reasons.filter(({ labels }) => labels.service === service).length).toBeGreaterThan(0);
  });

  it("are at the top of the page of those on call, with whom to call and the runbook", async () => {
    // Every check of both is down by now, and a third service may have been late to answer for a moment.
    await eventually(async () => {
      const html = await lookoutPage("/oncall?lang=en", "lea-martin");
      expect(plainText(html)).toContain("2 services to set right");
      const articles = [...html.matchAll(/<article[^>]* id="service-([\w-]+)"[\s\S]*?<\/article>/g)];
      expect(articles.map(([, service]) => service).sort()).toEqual(["nas", "wiki"]);
      for (const [article, service] of articles) {
        expect(fromHtml(article)).toContain(`/runbooks/ContainerUnhealthy?service=${service}`);
        expect(plainText(article)).toContain("Karim Benali");
      }
      // Above all that works.
      expect(html.indexOf("<table")).toBeGreaterThan(html.lastIndexOf("</article>"));
    }, NOTICED);
  });

  it("have a runbook that shows the last error and names the container", async () => {
    const text = plainText(await lookoutPage("/runbooks/ContainerUnhealthy?service=wiki&lang=en", "lea-martin"));
    expect(text).toMatch(/exited|Exited/);
    expect(text).toContain(container("wiki"));
  });

  it("call the role that owns them, through Prometheus and Alertmanager", async () => {
    await eventually(() => {
      for (const service of ["wiki", "nas"]) told(service, "firing", broken);
    }, TOLD);
    // The wiki's page does not answer either, and that is not announced beside it for ever.
    // What began before, such as a first backup that was still to come, may end meanwhile.
    const others = notifications(broken).filter(
      ({ labels, startsAt }) => labels.service === "proxy" && Date.parse(startsAt) >= broken,
    );
    expect(others).toEqual([]);
  });

  it("are mailed to the box of the role, in the association's language: the alert, and a ticket for each", async () => {
    const mails = await eventually(async () => {
      const found = await onCall(broken);
      const subjects = found.map(({ subject }) => subject);
      expect(subjects).toContainEqual(expect.stringMatching(/^ALERTE\u00a0: .*Wiki/));
      for (const service of ["wiki", "nas"])
        expect(subjects).toContainEqual(expect.stringMatching(new RegExp(`^Incident\\u00a0: .*-${service}\\)$`)));
      return found;
    }, OPENED);
    for (const { from } of mails) expect(from).toBe("alerts@tilleuls.localhost");
    const ticket = mails.find(({ subject }) => /^Incident.*-wiki\)/.test(subject))!;
    expect(ticket.id).toMatch(/^<vigie\.\d{8}-\d{4}-wiki(-\d+)?@tilleuls\.localhost>$/);
    expect(ticket.source).toMatch(/^Reply-To: commission\.technique@tilleuls\.localhost\r$/m);
    // Delivered over TLS by an account of its own.
    expect(ticket.source).toMatch(/^\s+\(using TLSv1\.3 /m);
  });

  it("are mailed by Alertmanager itself where the lookout is what is down", async () => {
    const since = Date.now();
    inside(
      "alertmanager",
      "amtool",
      "--alertmanager.url=http://localhost:9093",
      "alert",
      "add",
      "alertname=LookoutDown",
      "service=lookout",
      "owner=it-on-call",
      "level=1",
      "severity=page",
      "--annotation=summary=A drill of the outage test",
    );
    await eventually(async () => {
      const subjects = (await onCall(since)).map(({ subject }) => subject);
      expect(subjects).toContain("ALERTE\u00a0: La vigie ne répond plus");
    }, TOLD);
  });

  it("are seen to work again once they are mended", async () => {
    mended ??= Date.now();
    docker("start", container("wiki"));
    if (docker("inspect", "--format", "{{.State.Paused}}", container("nas")).trim() === "true")
      docker("unpause", container("nas"));
    await eventually(async () => {
      for (const service of ["wiki", "nas"])
        expect([service, (await entry(service)).status]).toEqual([service, "operational"]);
      expect([await containerUp("wiki"), await containerUp("nas")]).toEqual([1, 1]);
      expect(await lookoutPage("/oncall?lang=en", "lea-martin")).not.toMatch(/<article[^>]* id="service-(wiki|nas)"/);
    }, MENDED);
  });

  it("have left their outage in the history that members see", async () => {
    for (const service of ["wiki", "nas"]) expect((await entry(service)).text).toMatch(/1 day with an outage/);
    expect((await entry("website")).text).not.toMatch(/with an outage/);
  });

  it("are told to be over to those who were called", async () => {
    await eventually(() => {
      for (const service of ["wiki", "nas"]) told(service, "resolved", mended!);
    }, RESOLVED);
  });

  it("are told to be over in answers to their tickets", async () => {
    await eventually(async () => {
      const mails = await onCall(broken);
      for (const service of ["wiki", "nas"]) {
        const ticket = mails.find(({ subject }) => subject.startsWith("Incident") && subject.endsWith(`-${service})`))!;
        const [, ...answers] = mails.filter(({ id, inReplyTo }) => [id, inReplyTo].includes(ticket.id));
        expect(answers.map(({ subject }) => subject)).toContain(`Re: ${ticket.subject}`);
        expect(answers.at(-1)!.source).toContain("Tout fonctionne");
      }
    }, NOTICED);
  });
});

describe("a restarted lookout", () => {
  /** Since when each check is as it is, by check, as the page for those on call has it. */
  async function sinces(): Promise<Record<string, string>> {
    const html = await lookoutPage("/oncall?lang=en", "lea-martin");
    const rows = [
      ...html.matchAll(
        /<tr class="\w+">\s*<th scope="row">([^<]*)<\/th>\s*<td data-label="Check"><div><code>([^<]*)<\/code>[\s\S]*?<\/tr>/g,
      ),
    ];
    return Object.fromEntries(
      rows.flatMap(([row, service, check]) => {
        const since = /data-label="Since"[^>]*><time datetime="([^"]+)"/.exec(row)?.[1];
        return since === undefined ? [] : [[`${service} ${check}`, since]];
      }),
    );
  }

  it("ends cleanly when it is told to stop, before the engine loses its patience", () => {
    // The engine kills what has not ended in ten seconds, and then the code is 137.
    docker("stop", container("lookout"));
    const code = docker("inspect", "--format", "{{.State.ExitCode}}", container("lookout")).trim();
    docker("start", container("lookout"));
    expect(code).toBe("0");
  });

  it("still knows since when each check is as it is, and what happened before", async () => {
    await eventually(() => lookoutPage("/healthz"), 60);
    const before = await sinces();
    expect(Object.keys(before).length).toBeGreaterThan(30);
    docker("restart", container("lookout"));
    await eventually(() => lookoutPage("/healthz"), 60);
    const after = await sinces();
    for (const [check, since] of Object.entries(before)) expect([check, after[check]]).toEqual([check, since]);
    expect((await entry("wiki")).text).toMatch(/1 day with an outage/);
  });
});
