import type { Check } from "../association/index.ts";

/** Every alert there is; each has a runbook of its name, `runbooks/alerts/NAME.md.hbs`. */
export const ALERTS = [
  "CheckFailing",
  "ContainerUnhealthy",
  "CertificateExpiring",
  "BackupStale",
  "BackupFailing",
  "BackupContentLost",
  "BackupDamaged",
  "ErrorBudgetBurning",
  "ListSilent",
  "RestoreUnproven",
  "CheckStalled",
  "MetricMissing",
  "LookoutDown",
  "HistoryDegraded",
  "MonitoringRestarting",
  "RulesFailing",
  "NotificationsFailing",
  "UpdateOverdue",
  "DrillOverdue",
  "RoleVacant",
  "RenewalDue",
  "Watchdog",
  "MailQueueGrows",
  "MailboxFull",
  "MailKeyOld",
  "MailMistrusted",
  "HolderChanged",
  "ShareFull",
  "VersionsMissing",
  "DiskFailing",
] as const;

export type AlertName = (typeof ALERTS)[number];

/** Kinds of checks whose failure is an alert of its own; all others are `CheckFailing`. */
const BY_KIND: Readonly<Record<string, AlertName>> = {
  container: "ContainerUnhealthy",
  backup: "BackupStale",
  "backup-job": "BackupFailing",
  "backup-content": "BackupContentLost",
  kdbx: "BackupContentLost",
  "backup-integrity": "BackupDamaged",
  "mail-queue": "MailQueueGrows",
  "mail-boxes": "MailboxFull",
  "mail-keys": "MailKeyOld",
  "mail-policy": "MailMistrusted",
  "mail-reports": "MailMistrusted",
  "list-round-trip": "ListSilent",
  "restore-proof": "RestoreUnproven",
  "backup-copy": "BackupFailing",
  "share-room": "ShareFull",
  "share-versions": "VersionsMissing",
};

const BY_REASON: Readonly<Record<string, AlertName>> = {
  "expires-soon": "CertificateExpiring",
  expired: "CertificateExpiring",
  "taken-for-spam": "MailMistrusted",
  "disk-failing": "DiskFailing",
};

/** The alert that a failing check raises, hence the runbook to open. */
export const alertOf = (check: Pick<Check, "kind">, reason = ""): AlertName =>
  BY_KIND[check.kind] ?? BY_REASON[reason] ?? "CheckFailing";
