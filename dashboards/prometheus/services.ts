import type { Check, Inventory, InventoryService } from "../../association/index.ts";
import type { AlertName } from "../alerts.ts";
import { anywhere, type Draft, literal, ofChecks, quote, toldWithin } from "./rule.ts";

const DAY = 86_400;

/** While these are 1, a service's failures are expected: its own work, or that of what it depends on. */
const WORK = ["vigie_service_maintenance"];
const WORK_OR_PARENT = [...WORK, "vigie_service_held"];
/** Checks that are run seldom are not waited for any longer, in seconds. */
const LONGEST_WAIT = 3600;

/** … and until their next runs have told that they are over: an outage that was told must not be told again by its echo. */
function during(metrics: readonly string[], { service, checks }: About): string[] {
  const of = `service=${quote(service.id)}`;
  const container = `ALERTS{alertname="ContainerUnhealthy",alertstate="firing",severity="page",${of}}`;
  const after = Math.max(...checks.map((check) => toldWithin(check, check.recoverAfter)));
  return [...metrics.map((metric) => `${metric}{${of}}`), ...(metrics === WORK_OR_PARENT ? [container] : [])].map(
    (vector) => lately(vector, after),
  );
}

/** Whether something was so within the last seconds, by service; whether it is, where they are none. */
const lately = (vector: string, seconds: number): string =>
  seconds > 0
    ? `max by (service) (max_over_time(${vector}[${Math.min(LONGEST_WAIT, seconds)}s])) == 1`
    : `max by (service) (${vector}) == 1`;

/** A certificate this close to its end, in seconds, calls somebody; before that it is a ticket. */
const CERTIFICATE_PAGES_AT = 3 * DAY;

/** Kinds of checks that have alerts of their own. */
const OWN_ALERTS: Readonly<Record<string, (about: About) => Draft[]>> = {
  container: containerDrafts,
  backup: backupDrafts,
  "backup-job": (about) => [
    downDraft(
      about,
      "BackupFailing",
      "the backup does not run as it should",
      "The backup agent's last run failed, never ends or did not begin, its clock is wrong, or it does not answer.",
    ),
  ],
  "backup-content": (about) => [
    downDraft(
      about,
      "BackupContentLost",
      "snapshots hold far less than usual, or are gone",
      "The youngest snapshot lost most of its files or bytes, or snapshots that the policy keeps have disappeared.",
    ),
  ],
  kdbx: (about) => [
    downDraft(
      about,
      "BackupContentLost",
      "the KeePass file is not in the youngest snapshot, or does not open there",
      "The file with the passwords is missing from the youngest snapshot, empty, cut off or damaged.",
    ),
  ],
  "backup-integrity": (about) => [
    downDraft(
      about,
      "BackupDamaged",
      "the backup repository is damaged, or no longer verified",
      "A verification found faults, none has been made in time, or the password does not open the repository.",
    ),
  ],
  "backup-copy": (about) => [
    downDraft(
      about,
      "BackupFailing",
      "snapshots are no longer copied elsewhere",
      "The last copy of all snapshots to the other repository failed, or is older than it may be.",
    ),
  ],
  "restore-proof": (about) => [
    downDraft(
      about,
      "RestoreUnproven",
      "a restore fails, or has not been proven for too long",
      "The service did not start on its restored data or what was planted in it was not found, or nobody has tried.",
    ),
  ],
  tls: certificateDrafts,
  "mail-queue": plainDrafts(
    "MailQueueGrows",
    "mail does not leave",
    "Messages wait in the queue: too many, or for too long.",
  ),
  "mail-boxes": plainDrafts("MailboxFull", "a mailbox is almost full", "What is written to a full mailbox is refused."),
  "mail-keys": plainDrafts(
    "MailKeyOld",
    "the DKIM key is to be changed",
    "The same key has signed our mail for too long.",
  ),
  "mail-policy": plainDrafts(
    "MailMistrusted",
    "others may not believe our mail",
    "What the DNS says about our mail is not what a receiver needs: SPF, DKIM, DMARC, MTA-STS or the server's name.",
  ),
  "mail-reports": plainDrafts(
    "MailMistrusted",
    "others report mail of ours as forged, or TLS that fails",
    "Reports of other servers say that mail in our name fails DMARC, or that they cannot reach us over TLS.",
  ),
  "share-room": plainDrafts("ShareFull", "a share is almost full", "A share of the file server is close to its quota."),
  "share-versions": plainDrafts(
    "VersionsMissing",
    "former states of files are no longer made",
    "Members cannot take back by themselves what they spoil from now on.",
  ),
  smart: diskDrafts,
  "mail-round-trip": roundTripDrafts,
  "list-round-trip": plainDrafts(
    "ListSilent",
    "what is written to a list does not arrive",
    "The lookout's own message to a list was refused, did not arrive, or is not in the archive.",
  ),
};

/** Checks of one service, of one kind or several, and of one severity. */
interface About {
  readonly service: InventoryService;
  readonly checks: readonly Check[];
  readonly severity: Check["severity"];
}

/** What watches one service. `vigie_check_up` has the thresholds of the declaration in it: no `for` is added. */
export function serviceDrafts(inventory: Inventory, service: InventoryService): Draft[] {
  const checks = service.checks.flatMap((id) => inventory.checks[id] ?? []);
  const groups = Map.groupBy(
    checks,
    ({ kind, severity }) => `${Object.hasOwn(OWN_ALERTS, kind) ? kind : ""} ${severity}`,
  );
  return [
    ...[...groups.values()].flatMap((own) => {
      const about = { service, checks: own, severity: own[0]!.severity };
      return (OWN_ALERTS[own[0]!.kind] ?? failingDrafts)(about).map((draft) => ({ ...draft, toldOf: own }));
    }),
    ...updateDrafts(service),
  ];
}

/** Updates that the declaration says to adopt, and that nobody does. */
function updateDrafts(service: InventoryService): Draft[] {
  const { decision } = service.upgrades;
  if (service.delivery.by !== "us" || decision.do !== "adopt") return [];
  const since = anywhere("min", `vigie_service_update_waiting_since_timestamp_seconds{service=${quote(service.id)}}`);
  const name = literal(service.name.en);
  return [
    {
      alert: "UpdateOverdue",
      severity: "ticket",
      service,
      expr: `time() - ${since} > ${decision.within}`,
      forSeconds: 3600,
      summary: `${name}: updates wait for too long`,
      description: `Newer packages of ${name} have been there for longer than the declaration allows, security updates among them perhaps.`,
    },
  ];
}

/** The series of a metric for some checks: `check` is the check's id within its service. */
const series = (metric: string, { service, checks }: About, more = ""): string =>
  `${metric}{service=${quote(service.id)},${ofChecks(service, checks)}${more}}`;

const down = (about: About): string => `${anywhere("min", series("vigie_check_up", about))} == 0`;
const nameOf = ({ service }: About): string => literal(service.name.en);

/** The alert of a kind of check that says all by being down. */
const downDraft = (about: About, alert: AlertName, summary: string, description: string): Draft => ({
  alert,
  ...about,
  expr: down(about),
  summary: `${nameOf(about)}: ${summary}`,
  description,
});
/** An alert of its own for a kind of check, for whatever reason it fails. */
function plainDrafts(alert: AlertName, summary: string, description: string): (about: About) => Draft[] {
  return (about) => [
    {
      alert,
      ...about,
      expr: down(about),
      // Several kinds may share an alert, on checks of the same name nowhere.
      labels: { kind: about.checks[0]!.kind },
      summary: `${nameOf(about)}: ${summary}`,
      description: `${description} The runbook shows what was found.`,
    },
  ];
}

/** A message of our own that lands in Junk is told apart from one that does not come through. */
function roundTripDrafts(about: About): Draft[] {
  const spam = anywhere("max", series("vigie_check_failure_info", about, ',reason="taken-for-spam"'));
  return [
    {
      alert: "MailMistrusted",
      ...about,
      expr: `${down(about)} and on (service, check) ${spam}`,
      labels: { kind: "mail-round-trip" },
      summary: `${nameOf(about)}: our own mail lands in Junk`,
      description: "A message that the lookout wrote to itself was taken for spam.",
    },
    {
      alert: "CheckFailing",
      ...about,
      expr: `${down(about)} unless on (service, check) ${spam}`,
      labels: { kind: "mail-round-trip" },
      summary: `${nameOf(about)}: a test message does not come through`,
      description: "A message that the lookout writes to itself is not accepted, or does not arrive.",
    },
  ];
}

/** A disk that fails is told apart from a host that does not report. */
function diskDrafts(about: About): Draft[] {
  const failing = anywhere("max", series("vigie_check_failure_info", about, ',reason="disk-failing"'));
  return [
    {
      alert: "DiskFailing",
      ...about,
      expr: `${down(about)} and on (service, check) ${failing}`,
      summary: `${nameOf(about)}: a disk shows signs of failure`,
      description:
        "A disk says of itself that it fails, shows the signs of it, or is no longer seen. The runbook shows what was found.",
    },
    {
      alert: "CheckFailing",
      ...about,
      expr: `${down(about)} unless on (service, check) ${failing}`,
      labels: { kind: "smart" },
      summary: `${nameOf(about)}: check {{ $labels.check }} fails`,
      description: `The host of ${nameOf(about)} no longer reports how its disks are.`,
    },
  ];
}

function failingDrafts(about: About): Draft[] {
  return [
    {
      alert: "CheckFailing",
      ...about,
      heldWhile: during(WORK_OR_PARENT, about),
      expr: down(about),
      summary: `${nameOf(about)}: check {{ $labels.check }} fails`,
      description: `The check {{ $labels.check }} of ${nameOf(about)} has failed several times in a row. The runbook shows the last error.`,
    },
  ];
}

function containerDrafts(about: About): Draft[] {
  // Where nobody can see a host's containers, they are not known to be unwell: that is told of the gate alone. The next run that sees them
  // is believed at once, or a gate that fails now and then would keep a container's outage from ever being told.
  const more = Math.max(
    ...about.checks.map((check) => (check.recoverAfter > 1 ? toldWithin(check, check.recoverAfter - 1) : 0)),
  );
  const unseen = about.service.provides.includes("engine-state")
    ? []
    : [lately(series("vigie_check_failure_info", about, ',reason="gate-unreachable"'), more)];
  return [
    {
      alert: "ContainerUnhealthy",
      ...about,
      heldWhile: [...during(WORK, about), ...unseen],
      expr: down(about),
      summary: `${nameOf(about)}: container ${literal(about.service.container ?? "")} is unwell`,
      description: `The container of ${nameOf(about)} is missing, stopped, restarting or unhealthy.`,
    },
  ];
}

function backupDrafts(about: About): Draft[] {
  const maxAge = Math.min(...about.checks.map(({ params }) => Number(params.maxAge)));
  const taken = anywhere("max", series("vigie_backup_last_snapshot_timestamp_seconds", about));
  return [
    {
      alert: "BackupStale",
      ...about,
      expr: `time() - ${taken} > ${maxAge} or on (service) ${down(about)}`,
      summary: `${nameOf(about)}: no recent backup{{ with $labels.volume }} of {{ . }}{{ end }}`,
      description: `The last snapshot of ${nameOf(about)} is older than its recovery point objective, or the repository cannot be read.`,
    },
  ];
}

/** A certificate that runs out is told apart from one that is wrong: the first leaves days, the second is an outage. */
function certificateDrafts(about: About): Draft[] {
  const end = anywhere("min", series("vigie_tls_certificate_expiry_timestamp_seconds", about));
  const runsOut = anywhere("max", series("vigie_check_failure_info", about, ',reason=~"expired|expires-soon"'));
  const expiring = `${down(about)} and on (service, check) ${runsOut}`;
  const texts = {
    summary: `${nameOf(about)}: the certificate is about to expire`,
    description: `The TLS certificate of ${nameOf(about)} is close to its end, or past it: its renewal fails.`,
  };
  return [
    {
      alert: "CertificateExpiring",
      ...about,
      severity: "ticket",
      expr: `${expiring} unless on (service, check) ${end} - time() < ${CERTIFICATE_PAGES_AT}`,
      ...texts,
    },
    {
      alert: "CertificateExpiring",
      ...about,
      expr: `${expiring} and on (service, check) ${end} - time() < ${CERTIFICATE_PAGES_AT}`,
      ...texts,
    },
    {
      alert: "CheckFailing",
      ...about,
      heldWhile: during(WORK_OR_PARENT, about),
      expr: `${down(about)} unless on (service, check) ${runsOut}`,
      labels: { kind: "tls" },
      summary: `${nameOf(about)}: check {{ $labels.check }} fails`,
      description: `TLS of ${nameOf(about)} does not work as it should: wrong name, unknown authority, or no answer.`,
    },
  ];
}
