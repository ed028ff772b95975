/** A metric as it is exported; `labels` in the order in which they are written. */
export interface MetricName {
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** What single kinds of checks measure: each names one of these in its `measures`. A check of another kind may export the same. */
export const MEASURED = {
  vigie_tls_certificate_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When the certificate ends, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_backup_last_snapshot_timestamp_seconds: {
    type: "gauge",
    help: "When the youngest snapshot of a volume was taken, as a Unix time.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_snapshot_size_bytes: {
    type: "gauge",
    help: "Size of the data in the youngest snapshot of a volume.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_snapshot_files: {
    type: "gauge",
    help: "Files in the youngest snapshot of a volume.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_snapshots: {
    type: "gauge",
    help: "How many snapshots of a volume there are.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_snapshots_missing: {
    type: "gauge",
    help: "Snapshots that are gone and that the declared policy keeps.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_usual_size_bytes: {
    type: "gauge",
    help: "Size of the data that is usual for a volume: the middle of the snapshots before the youngest.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_usual_files: {
    type: "gauge",
    help: "Number of files that is usual for a volume: the middle of the snapshots before the youngest.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_last_run_timestamp_seconds: {
    type: "gauge",
    help: "When the agent's last run for a volume ended, whatever it led to, as a Unix time.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_last_run_success: {
    type: "gauge",
    help: "Whether the agent's last run for a volume saved all of it.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_last_run_seconds: {
    type: "gauge",
    help: "How long the agent's last run for a volume took.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_running_seconds: {
    type: "gauge",
    help: "For how long a run for a volume has been under way; 0 where none is.",
    labels: ["service", "check", "volume"],
  },
  vigie_backup_clock_offset_seconds: {
    type: "gauge",
    help: "How far the clock of the backup agent is ahead of the lookout's.",
    labels: ["service", "check"],
  },
  vigie_backup_restore_proof_timestamp_seconds: {
    type: "gauge",
    help: "When a restore of the service was last proven, or found not to work, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_backup_restore_proof_success: {
    type: "gauge",
    help: "Whether the last proof of a restore found all that it looked for.",
    labels: ["service", "check"],
  },
  vigie_backup_restore_proof_seconds: {
    type: "gauge",
    help: "How long the last proof of a restore took.",
    labels: ["service", "check"],
  },
  vigie_backup_copy_timestamp_seconds: {
    type: "gauge",
    help: "When all snapshots were last copied to another repository, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_backup_copy_lag_seconds: {
    type: "gauge",
    help: "Time since all snapshots were last copied to another repository.",
    labels: ["service", "check"],
  },
  vigie_backup_verified_timestamp_seconds: {
    type: "gauge",
    help: "When the repository was last verified, whatever was found, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_backup_verification_seconds: {
    type: "gauge",
    help: "How long the last verification took.",
    labels: ["service", "check"],
  },
  vigie_backup_verification_errors: {
    type: "gauge",
    help: "Faults that the last verification found.",
    labels: ["service", "check"],
  },
  vigie_backup_data_read_ratio: {
    type: "gauge",
    help: "Share of the repository's data that was read and found good within the declared period.",
    labels: ["service", "check"],
  },
  vigie_backup_data_read_timestamp_seconds: {
    type: "gauge",
    help: "When the part of the data that waits the longest was last read, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_backup_key_usable: {
    type: "gauge",
    help: "Whether the password opens the repository, as the lookout itself tries.",
    labels: ["service", "check"],
  },
  vigie_mail_delivery_seconds: {
    type: "gauge",
    help: "Time from the acceptance of a test message until it could be read.",
    labels: ["service", "check"],
  },
  vigie_mail_dmarc_stage: {
    type: "gauge",
    help: "Stage of the published DMARC policy: 0 none, 1 quarantine, 2 reject.",
    labels: ["service", "check"],
  },
  vigie_mail_queue_messages: {
    type: "gauge",
    help: "Messages that wait in the mail server's queue, by state: active, deferred, hold.",
    labels: ["service", "check", "state"],
  },
  vigie_mail_queue_oldest_seconds: {
    type: "gauge",
    help: "How long the oldest message has waited in the queue; 0 where it is empty.",
    labels: ["service", "check"],
  },
  vigie_mail_box_used_ratio: {
    type: "gauge",
    help: "Part of its quota that a role's mailbox uses; personal boxes by the fullest.",
    labels: ["service", "check", "box"],
  },
  vigie_mail_dkim_key_age_seconds: {
    type: "gauge",
    help: "For how long the DKIM key that signs has been there.",
    labels: ["service", "check"],
  },
  vigie_mail_dmarc_messages: {
    type: "gauge",
    help: "Messages in our name that others have reported on in the last days, by result of DMARC.",
    labels: ["service", "check", "result"],
  },
  vigie_mail_tls_sessions: {
    type: "gauge",
    help: "Connections to our server that others have reported on in the last days, by result of TLS.",
    labels: ["service", "check", "result"],
  },
  vigie_list_delivery_seconds: {
    type: "gauge",
    help: "Time from the acceptance of a test message by a list until a subscriber could read it.",
    labels: ["service", "check"],
  },
  vigie_journey_step_seconds: {
    type: "gauge",
    help: "How long each step took.",
    labels: ["service", "check", "step"],
  },
  vigie_icmp_loss_ratio: {
    type: "gauge",
    help: "Share of the echoes that did not come back.",
    labels: ["service", "check"],
  },
  vigie_icmp_round_trip_seconds: { type: "gauge", help: "Mean round trip.", labels: ["service", "check"] },
  vigie_icmp_jitter_seconds: {
    type: "gauge",
    help: "Mean difference between one round trip and the next.",
    labels: ["service", "check"],
  },
  vigie_domain_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When the registration ends, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_heartbeat_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When the job last reported a success, as a Unix time.",
    labels: ["service", "check"],
  },
  vigie_secret_age_seconds: {
    type: "gauge",
    help: "How long the secret has been in use.",
    labels: ["service", "check"],
  },
  vigie_disk_free_bytes: {
    type: "gauge",
    help: "Room left on the disk of a host's volumes.",
    labels: ["service", "check"],
  },
  vigie_disk_free_ratio: {
    type: "gauge",
    help: "Share of the disk of a host's volumes that is left.",
    labels: ["service", "check"],
  },
  vigie_disk_free_inodes_ratio: {
    type: "gauge",
    help: "Share of its inodes that is left.",
    labels: ["service", "check"],
  },
  vigie_share_used_bytes: {
    type: "gauge",
    help: "What a share holds on the disk, recycle bin included.",
    labels: ["service", "check", "share"],
  },
  vigie_share_quota_bytes: {
    type: "gauge",
    help: "What a share may hold.",
    labels: ["service", "check", "share"],
  },
  vigie_share_versions: {
    type: "gauge",
    help: "Former states that are kept of a share.",
    labels: ["service", "check", "share"],
  },
  vigie_share_versions_bytes: {
    type: "gauge",
    help: "Room that a share's former states take on the disk.",
    labels: ["service", "check", "share"],
  },
  vigie_share_last_version_timestamp_seconds: {
    type: "gauge",
    help: "When the last former state of a share was made, as a Unix time; none is made where nothing has changed.",
    labels: ["service", "check", "share"],
  },
  vigie_disk_healthy: {
    type: "gauge",
    help: "1 where the disk says of itself that it is well (SMART).",
    labels: ["service", "check", "disk"],
  },
  vigie_disk_temperature_celsius: {
    type: "gauge",
    help: "How warm a disk is.",
    labels: ["service", "check", "disk"],
  },
  vigie_disk_power_on_seconds: {
    type: "gauge",
    help: "How long a disk has run in its life.",
    labels: ["service", "check", "disk"],
  },
  vigie_disk_reallocated_sectors: {
    type: "gauge",
    help: "Sectors of a disk that were replaced by spare ones.",
    labels: ["service", "check", "disk"],
  },
  vigie_disk_unreadable_sectors: {
    type: "gauge",
    help: "Sectors of a disk that cannot be read, or errors of its medium.",
    labels: ["service", "check", "disk"],
  },
  vigie_disk_worn_ratio: {
    type: "gauge",
    help: "Part of an SSD's life that is used; it may go beyond 1.",
    labels: ["service", "check", "disk"],
  },
  vigie_drift_differences: {
    type: "gauge",
    help: "Differences between what runs and what was declared.",
    labels: ["service", "check"],
  },
} as const satisfies Record<string, MetricName>;
