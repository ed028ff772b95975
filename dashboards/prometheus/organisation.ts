import { type Inventory, provider } from "../../association/index.ts";
import { anywhere, type Draft, literal, quote } from "./rule.ts";

const DAY = 86_400;

/** How many days ahead of a renewal somebody hears of it, and with what urgency. */
const DOMAIN_NOTICE = [
  { severity: "ticket", from: 45, to: 7 },
  { severity: "page", from: 7, to: undefined },
] as const;
const CONTRACT_NOTICE = [{ severity: "ticket", from: 60, to: undefined }] as const;

/** What watches the association itself: roles that nobody holds, domains and contracts that end. */
export function organisationDrafts(inventory: Inventory): Draft[] {
  return [
    ...roleDrafts(inventory),
    ...handOverDrafts(inventory),
    ...domainDrafts(inventory),
    ...contractDrafts(inventory),
    ...drillDrafts(inventory),
  ];
}

/** A plan for recovery that nobody has tried is a hope: whoever answers for the backups hears when it is due. */
function drillDrafts({ association, services }: Inventory): Draft[] {
  if (association.drill === undefined) return [];
  const days = Math.round(association.drill.maxAge / DAY);
  const last = anywhere("max", "vigie_drill_last_success_timestamp_seconds");
  return [
    {
      alert: "DrillOverdue",
      severity: "ticket",
      owner: provider("backup", services)?.owner ?? association.contact,
      expr: `time() - ${last} > ${association.drill.maxAge}`,
      // A day to do the first one.
      forSeconds: DAY,
      summary: "The recovery drill is overdue",
      description: `Nothing has proven for ${days} days that everything can be rebuilt from the backups.`,
    },
  ];
}

function roleDrafts({ roles, association }: Inventory): Draft[] {
  return Object.entries(roles).map(([id, { title, escalatesTo }]) => ({
    alert: "RoleVacant",
    severity: "ticket",
    owner: escalatesTo ?? association.contact,
    labels: { role: id },
    expr: `${anywhere("max", `vigie_role_holders{role=${quote(id)}}`)} == 0`,
    forSeconds: 3600,
    summary: `Nobody holds the role ${literal(title.en)}`,
    description: "Its alerts reach nobody, or level 2 only, and nobody reads its mailbox.",
  }));
}

/** For how long after a change of holders its new ones are asked to go through the hand-over, in seconds. */
const HAND_OVER = 3 * DAY;

function handOverDrafts({ roles }: Inventory): Draft[] {
  return Object.entries(roles).map(([id, { title }]) => ({
    alert: "HolderChanged",
    severity: "ticket",
    owner: id,
    labels: { role: id },
    expr: `time() - ${anywhere("max", `vigie_role_changed_timestamp_seconds{role=${quote(id)}}`)} < ${HAND_OVER}`,
    summary: `The role ${literal(title.en)} has changed hands`,
    description: "The declaration has moved accounts and mailboxes; the runbook lists what it cannot move.",
  }));
}

function domainDrafts({ domains, association }: Inventory): Draft[] {
  return Object.entries(domains).flatMap(([domain, { renews }]) =>
    DOMAIN_NOTICE.flatMap((notice) =>
      renewalDraft(`The domain ${domain}`, domain, renews, notice, association.contact),
    ),
  );
}

/** A contract is looked after by whoever owns the first service that rests on it. */
function contractDrafts({ suppliers, services, hosts, association }: Inventory): Draft[] {
  return Object.entries(suppliers).flatMap(([id, { name, renews }]) => {
    const user = Object.values(services).find(
      ({ delivery }) =>
        (delivery.by === "supplier" && delivery.supplier === id) ||
        (delivery.by === "us" && hosts[delivery.host]?.supplier === id),
    );
    return CONTRACT_NOTICE.flatMap((notice) =>
      renewalDraft(`The contract with ${name}`, id, renews, notice, user?.owner ?? association.contact),
    );
  });
}

function renewalDraft(
  what: string,
  subject: string,
  renews: string | undefined,
  { severity, from, to }: { severity: "page" | "ticket"; from: number; to: number | undefined },
  owner: string,
): Draft[] {
  if (renews === undefined) return [];
  const left = `vector(${Date.parse(`${renews}T00:00:00Z`) / 1000}) - time()`;
  return [
    {
      alert: "RenewalDue",
      severity,
      owner,
      labels: { subject },
      expr: `${left} < ${from * DAY}${to === undefined ? "" : ` and ${left} >= ${to * DAY}`}`,
      summary: `${literal(what)} is to be renewed by ${renews}`,
      description: "Renew it, or decide not to, then write the new date in the declaration.",
    },
  ];
}
