import { beforeAll, describe, expect, it } from "vitest";
import { type Inventory, mailboxFor, type People } from "../../../association/index.ts";
import { alertmanagerConfig } from "../../../dashboards/alertmanager/config.ts";
import { directMail } from "../../../dashboards/alertmanager/direct-mail.ts";
import { INHIBIT_RULES } from "../../../dashboards/alertmanager/inhibition.ts";
import { alertRules } from "../../../dashboards/prometheus/rules.ts";
import { demoInventory } from "../views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

interface Route {
  matchers?: string[];
  receiver: string;
  routes?: Route[];
}
interface Config {
  global: Record<string, unknown>;
  route: Route;
  receivers: {
    name: string;
    webhook_configs?: { url: string; send_resolved: boolean }[];
    email_configs?: { to: string; html: string; text: string }[];
  }[];
}

const smtp = {
  host: "mail.example",
  port: 587,
  from: "vigie@example.org",
  username: "vigie",
  passwordFile: "/etc/vigie/secrets/smtp",
};
const config = (options = {}): Config => alertmanagerConfig(inventory, options) as Config;

/** Does what Alertmanager does with equality and regular-expression matchers. */
const matches = (matchers: readonly string[], labels: Readonly<Record<string, string>>): boolean =>
  matchers.every((matcher) => {
    const [, label, operator, value] = /^(\w+)(=~?)"(.*)"$/.exec(matcher)!;
    const own = labels[label!] ?? "";
    return operator === "=" ? own === value : new RegExp(`^(?:${value})$`).test(own);
  });

const receiverFor = (route: Route, labels: Readonly<Record<string, string>>): string => {
  const child = route.routes?.find(({ matchers }) => matches(matchers ?? [], labels));
  return child ? receiverFor(child, labels) : route.receiver;
};

describe("the routes of alerts", () => {
  it("take every alert to the role that owns it, level 2 to the role above", () => {
    const { route } = config();
    for (const { alert, labels } of alertRules(inventory).groups.flatMap(({ rules }) => rules)) {
      const expected = alert === "Watchdog" ? "watchdog" : `role ${labels.owner}`;
      expect(receiverFor(route, { alertname: alert, ...labels })).toBe(expected);
    }
    expect(receiverFor(route, { owner: "it-lead", level: "2", severity: "page" })).toBe("role it-lead");
  });

  it("take what nobody owns to the association's contact", () => {
    expect(receiverFor(config().route, { alertname: "Unknown" })).toBe("role secretary");
  });

  it("name only receivers that exist", () => {
    const { route, receivers } = config();
    const names = receivers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const used = (one: Route): string[] => [one.receiver, ...(one.routes ?? []).flatMap(used)];
    for (const name of used(route)) expect(names).toContain(name);
  });

  it("post every alert to the lookout, resolved ones too", () => {
    for (const { webhook_configs } of config().receivers) {
      expect(webhook_configs).toEqual([
        { url: "http://lookout:9464/api/alerts", send_resolved: true, max_alerts: 500 },
      ]);
    }
    expect(config({ webhookUrl: "http://x/y" }).receivers[0]!.webhook_configs![0]!.url).toBe("http://x/y");
  });

  it("have the lookout write mail to roles that say nothing else, where there is a mail server", () => {
    const urls = Object.fromEntries(
      config({ smtp }).receivers.map(({ name, webhook_configs }) => [name, webhook_configs?.map(({ url }) => url)]),
    );
    const lookout = "http://lookout:9464/api/alerts";
    expect(urls["role treasurer"]).toEqual([lookout, `${lookout}?role=treasurer&channel=0`]);
    expect(urls["mail treasurer"]).toBeUndefined();
  });

  it("write themselves, to mailboxes of roles and to nobody's own, what the lookout cannot", () => {
    expect(config().receivers.every(({ email_configs }) => email_configs === undefined)).toBe(true);
    const { receivers, global } = config({ smtp });
    const to = Object.fromEntries(receivers.map(({ name, email_configs }) => [name, email_configs?.[0]?.to]));
    expect(to["mail it-on-call"]).toBe("commission.technique@tilleuls.localhost");
    expect(to["mail treasurer"]).toBe("tresor@tilleuls.localhost");
    expect(to["role treasurer"]).toBeUndefined();
    expect(to.watchdog).toBeUndefined();
    expect(global).toEqual({
      smtp_smarthost: "mail.example:587",
      smtp_from: "vigie@example.org",
      smtp_require_tls: true,
      smtp_auth_username: "vigie",
      smtp_auth_password_file: "/etc/vigie/secrets/smtp",
    });
    const said = JSON.stringify({ receivers, global });
    for (const { name, email, phone } of Object.values(people.holders)) {
      for (const personal of [name, email, ...(phone ? [phone] : [])]) expect(said).not.toContain(personal);
    }
  });

  it("reach a role without a mailbox through the one above it, else through the contact", () => {
    expect(mailboxFor("editor", inventory)).toBe("commission.technique@tilleuls.localhost");
    expect(mailboxFor("it-lead", inventory)).toBe("secretariat-bureau@tilleuls.localhost");
  });

  it("believe the mail server by the name in its certificate and the authority that made it, where these are said", () => {
    const tls = (options: object) => {
      const { receivers } = alertmanagerConfig(inventory, options) as {
        receivers: { email_configs?: { tls_config?: object }[] }[];
      };
      return new Set(receivers.flatMap(({ email_configs = [] }) => email_configs.map(({ tls_config }) => tls_config)));
    };
    expect([...tls({ smtp })]).toEqual([undefined]);
    expect([...tls({ smtp: { ...smtp, serverName: "mail.example.org", caFile: "/tmp/ca" } })].at(0)).toEqual({
      server_name: "mail.example.org",
      ca_file: "/tmp/ca",
    });
  });

  it("send plain text only", () => {
    for (const { email_configs } of config({ smtp }).receivers) {
      for (const mail of email_configs ?? []) {
        expect(mail.html).toBe("");
        expect(mail.text).toContain("runbook_url");
      }
    }
  });

  it("speak the association's main language, which those on call read", () => {
    const french = directMail("fr");
    expect(french.subject).toContain("ALERTE{{ end }}\u00a0: ");
    expect(french.text).toContain("La vigie ne répond plus");
    expect(french.text).toContain("Que faire\u00a0: {{ .Annotations.runbook_url }}");
    expect(directMail("en").text).toContain("What to do: {{ .Annotations.runbook_url }}");
    const mails = config({ smtp }).receivers.flatMap(({ email_configs }) => email_configs ?? []);
    expect(new Set(mails.map(({ text }) => text))).toEqual(new Set([french.text]));
  });

  it("have every bracket of their templates closed", () => {
    for (const { subject, text } of [directMail("fr"), directMail("en")])
      for (const template of [subject, text]) {
        const opened = template.match(/\{\{ (if|range) /g) ?? [];
        expect(template.match(/\{\{ end \}\}/g)).toHaveLength(opened.length);
      }
  });
});

describe("inhibition", () => {
  const silences = (source: Record<string, string>, target: Record<string, string>): boolean =>
    INHIBIT_RULES.some(
      ({ source_matchers, target_matchers }) => matches(source_matchers, source) && matches(target_matchers, target),
    );
  const outage = (service: string) => ({ alertname: "CheckFailing", service, severity: "page", host: "main" });

  it("keeps quiet about checks while the lookout itself is down, but not about the lookout", () => {
    const lookout = { alertname: "LookoutDown", service: "lookout", severity: "page" };
    expect(silences(lookout, { alertname: "CheckStalled", service: "lookout" })).toBe(true);
    expect(silences(lookout, lookout)).toBe(false);
  });

  it("never silences an outage: its end would be silenced too, and what comes after it not told", () => {
    const ids = Object.keys(inventory.services);
    for (const source of [...ids.map(outage), { alertname: "LookoutDown", service: "lookout", severity: "page" }])
      for (const id of ids)
        for (const alertname of ["CheckFailing", "ContainerUnhealthy", "ErrorBudgetBurning", "BackupStale"])
          expect(silences(source, { ...outage(id), alertname })).toBe(false);
  });
});
