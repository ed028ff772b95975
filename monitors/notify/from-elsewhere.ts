import { channelsOf, mailboxFor, provider } from "../../association/index.ts";
import { mainLanguage, words } from "../../dashboards/words/index.ts";
import type { Log } from "../log.ts";
import type { Lookout } from "../lookout.ts";
import { plain } from "../text.ts";
import { send } from "./channels.ts";
import type { MailMeans } from "./mail.ts";
import { noticeOf } from "./message.ts";
import type { SilenceNews } from "./silence.ts";

/** The alert that says it, and whose runbook to open. */
const ALERT = { lookout: "LookoutDown", alerts: "NotificationsFailing" } as const;

export interface ElsewhereOptions {
  lookout: Lookout;
  log: Log;
  /** The place that it is told from. */
  name: string;
  /** The role that is told. */
  role: string;
  means(): MailMeans;
}

/** Tells a role by every channel of its own. @throws where none took it */
export function tellFromElsewhere({ lookout, log, name, role, means }: ElsewhereOptions) {
  return async ({ what, ended, forMs }: SilenceNews): Promise<void> => {
    const { inventory } = lookout;
    const people = { version: inventory.version, holders: {}, roles: {}, teams: {}, mailboxes: {} };
    const service = provider(what === "lookout" ? "lookout" : "alerts", inventory.services)?.id ?? "";
    const alert = {
      status: ended ? ("resolved" as const) : ("firing" as const),
      labels: { alertname: ALERT[what], service, severity: "page", level: "1", owner: role },
      annotations: {},
      startsAt: new Date(Date.now() - forMs).toISOString(),
      fingerprint: name,
    };
    const message = { version: "4" as const, groupKey: name, receiver: role, alerts: [alert] };
    const mailbox = mailboxFor(role, inventory);
    let taken = 0;
    for (const channel of channelsOf(inventory.roles[role] ?? {})) {
      const lang = channel.language ?? mainLanguage(inventory.association);
      const notice = noticeOf(message, { inventory, people, view: lookout.view(), lang });
      if (notice === undefined) continue;
      const place = inventory.services[name]?.name[lang] ?? name;
      const told = { ...notice, lines: [...notice.lines, words[lang].alerts.toldFrom(plain(place, 100))] };
      try {
        await send(channel, told, { ...means(), ...(mailbox === undefined ? {} : { mailbox }) });
        taken++;
        log.info({ role, by: channel.by, title: told.title }, "told");
      } catch (error) {
        log.warn({ role, by: channel.by, problem: plain((error as Error).message) }, "could not be told");
      }
    }
    if (taken === 0) throw new Error("no channel took it");
  };
}
