import { channelsOf, type Inventory, mailboxFor, type People } from "../../association/index.ts";
import { ancestorsOf } from "../../dashboards/dependencies.ts";
import { formats } from "../../dashboards/format.ts";
import type { Incident } from "../../dashboards/incident.ts";
import { runbookHref } from "../../dashboards/pages/broken.ts";
import { acknowledgement, baseOf, logHref, textOf, titleOf } from "../../dashboards/pages/incidents.ts";
import type { Material } from "../../dashboards/pages/material.ts";
import type { LookoutView } from "../../dashboards/view.ts";
import { type Lang, mainLanguage, words } from "../../dashboards/words/index.ts";
import type { SendTicket } from "../incidents/tickets.ts";
import type { Log } from "../log.ts";
import type { Lookout } from "../lookout.ts";
import type { Metrics } from "../metrics/registry.ts";
import type { Trust } from "../net/trust.ts";
import { plain } from "../text.ts";
import { type Letter, type Smtp, sendMail } from "./mail.ts";
import { findingsOf } from "./message.ts";

/** Of a service with many checks; the page shows them all. */
const MOST_FINDINGS = 5;

interface TicketContext {
  inventory: Inventory;
  people: People;
  view: LookoutView;
}

/**
 * What the role in charge of an incident is written when it opens, and, as answers in the same thread, what follows: its updates from
 * `from` on. Undefined where there is no mailbox to write to.
 */
export function ticketLetter(incident: Incident, from: number, context: TicketContext): Letter | undefined {
  const { inventory, view } = context;
  const service = causeOf(incident, inventory);
  const role = service?.owner ?? inventory.association.contact;
  const to = mailboxFor(role, inventory);
  if (to === undefined) return undefined;
  const lang = languageFor(role, inventory);
  const material: Material = {
    ...context,
    lang,
    w: words[lang],
    format: formats(lang, inventory.association.timeZone),
  };
  const w = words[lang].alerts;
  const state = acknowledgement(incident, material);
  const level2 = incident.escalated === undefined ? undefined : inventory.roles[role]?.escalatesTo;
  const cc = level2 && mailboxFor(level2, inventory);
  const news = incident.updates.slice(from);
  const log = news.map(
    (update) => `${material.format.moment(update.at, view.now)} – ${textOf(update, material, (text) => text)}`,
  );
  const handedOver = news.some(({ fact }) => fact?.what === "escalated");
  const base = baseOf(inventory);
  const title = plain(w.incident(titleOf(incident, material, true), incident.id), 200);
  const thread = `vigie.${incident.id}`;
  const first = from === 0;
  return {
    to,
    ...(cc === undefined || cc === to ? {} : { cc }),
    replyTo: to,
    subject: first ? title : `Re: ${title}`,
    id: first ? thread : `${thread}.${from}`,
    ...(first ? {} : { answers: thread }),
    lines: [
      ...log,
      ...[state.acknowledged, handedOver ? "" : state.escalated, state.escalates].filter(Boolean),
      ...(incident.resolved === undefined && service
        ? findingsOf(service.checks, { view, lang }).slice(0, MOST_FINDINGS)
        : []),
      "",
      ...(first
        ? [`${words[lang].site.incidents.started}${w.colon}${material.format.moment(incident.started, view.now)}`]
        : []),
      ...(first ? [w.inCharge(inventory.roles[role]?.title[lang] ?? role)] : []),
      ...(incident.resolved === undefined
        ? [
            state.action ? w.takeCare : w.known,
            `  ${base}${logHref(incident.id, lang)}`,
            ...(service && first ? [w.whatToDo, `  ${base}${runbookHref(service.runbook, service.id, lang)}`] : []),
            ...(state.ticket && first ? [w.tracker, `  ${state.ticket}`] : []),
          ]
        : [`${base}${logHref(incident.id, lang)}`]),
      ...(first ? ["", w.answers] : []),
    ].map((line) => plain(line, 1500)),
  };
}

export interface TicketOptions {
  lookout: Lookout;
  metrics: Metrics;
  log: Log;
  people(): People;
  smtp: Smtp;
  trust: Trust;
}

/** Writes the letters; each is counted, and what goes wrong is logged. */
export function ticketSender({ lookout, metrics, log, people, smtp, trust }: TicketOptions): SendTicket {
  return async (incident, from) => {
    const { inventory } = lookout;
    const letter = ticketLetter(incident, from, { inventory, people: people(), view: lookout.view() });
    if (letter === undefined) return;
    try {
      await sendMail(letter, { smtp, authorities: trust.authorities() });
      metrics.countSent("ticket", "sent");
      log.info({ incident: incident.id, title: letter.subject }, "ticket");
    } catch (error) {
      metrics.countSent("ticket", "failed");
      log.warn({ incident: incident.id, problem: plain((error as Error).message) }, "no ticket could be written");
      throw error;
    }
  };
}

/** The service that the others went down with: the first that needs none of them. */
function causeOf({ services }: Incident, inventory: Inventory) {
  const known = services.flatMap((id) => inventory.services[id] ?? []);
  return known.find((one) => !ancestorsOf(inventory, one).some((id) => services.includes(id))) ?? known[0];
}

function languageFor(role: string, { roles, association }: Inventory): Lang {
  const channels = roles[role] === undefined ? [] : channelsOf(roles[role]);
  const chosen = channels.find(({ by }) => by === "mail")?.language;
  return chosen ?? mainLanguage(association);
}
