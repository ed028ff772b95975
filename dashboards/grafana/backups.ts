import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { BytesIEC, DurationSeconds, NoUnit, PercentUnit, Short } from "@grafana/grafana-foundation-sdk/units";
import { dashboard } from "./frame.ts";
import { chart, falling, figure, NONE_IS_GOOD, rising, table, YES_IS_GOOD } from "./panels.ts";

const DAY = 86_400;
const OF = '{service=~"$service"}';

/** Whether the data is saved, whole, and comes back. */
export const backups = (): Dashboard =>
  dashboard({
    uid: "vigie-backups",
    title: "Vigie: backups",
    description: "Whether everything is saved, whether what is saved is whole, and whether it has been brought back.",
    since: "30d",
    choices: [
      {
        name: "service",
        label: "Service",
        of: "vigie_backup_last_snapshot_timestamp_seconds",
        values: "service",
        several: true,
      },
    ],
    rows: {
      Now: [
        figure({
          title: "The oldest of the youngest snapshots",
          unit: DurationSeconds,
          width: 6,
          steps: rising(1.5 * DAY, 3 * DAY),
          expr: `time() - min(vigie_backup_last_snapshot_timestamp_seconds${OF})`,
        }),
        figure({
          title: "Missing snapshots",
          unit: Short,
          width: 6,
          steps: NONE_IS_GOOD,
          expr: `sum(max by (service, volume) (vigie_backup_snapshots_missing${OF}))`,
        }),
        figure({
          title: "The password opens the repository",
          unit: NoUnit,
          width: 6,
          words: YES_IS_GOOD,
          expr: "min(vigie_backup_key_usable)",
        }),
        figure({
          title: "Faults found",
          unit: Short,
          width: 6,
          steps: NONE_IS_GOOD,
          expr: "sum(max by (service, check) (vigie_backup_verification_errors))",
        }),
      ],
      Snapshots: [
        table({
          title: "Age of the youngest snapshot",
          unit: DurationSeconds,
          width: 12,
          steps: rising(1.5 * DAY, 3 * DAY),
          expr: `sort_desc(time() - max by (service, volume) (vigie_backup_last_snapshot_timestamp_seconds${OF}))`,
          columns: { service: "Service", volume: "Volume" },
          value: "Age",
        }),
        table({
          title: "Last run",
          unit: NoUnit,
          width: 12,
          words: { 1: ["saved", "green"], 0: ["failed", "red"] },
          expr: `sort(min by (service, volume) (vigie_backup_last_run_success${OF}))`,
          columns: { service: "Service", volume: "Volume" },
          value: "Outcome",
        }),
        chart({
          title: "Size of what is saved",
          unit: BytesIEC,
          width: 12,
          min: 0,
          queries: [
            {
              expr: `max by (service, volume) (vigie_backup_snapshot_size_bytes${OF})`,
              legend: "{{service}}: {{volume}}",
            },
          ],
        }),
        chart({
          title: "Files, beside what is usual",
          description: "A sudden fall is a deletion, or worse.",
          unit: PercentUnit,
          width: 12,
          min: 0,
          queries: [
            {
              expr: `max by (service, volume) (vigie_backup_snapshot_files${OF}) / max by (service, volume) (vigie_backup_usual_files${OF})`,
              legend: "{{service}}: {{volume}}",
            },
          ],
        }),
        chart({
          title: "How long runs take",
          unit: DurationSeconds,
          width: 12,
          min: 0,
          queries: [
            {
              expr: `max by (service, volume) (vigie_backup_last_run_seconds${OF})`,
              legend: "{{service}}: {{volume}}",
            },
          ],
        }),
        chart({
          title: "Snapshots kept",
          unit: Short,
          width: 12,
          min: 0,
          queries: [
            { expr: `max by (service, volume) (vigie_backup_snapshots${OF})`, legend: "{{service}}: {{volume}}" },
          ],
        }),
      ],
      "Whole, and elsewhere": [
        figure({
          title: "Data read and found good",
          description: "Within the declared period.",
          unit: PercentUnit,
          width: 6,
          height: 8,
          steps: falling(0.8, 0.99),
          expr: "min(vigie_backup_data_read_ratio)",
        }),
        figure({
          title: "Since the last verification",
          unit: DurationSeconds,
          width: 6,
          height: 8,
          steps: rising(2 * DAY, 7 * DAY),
          expr: "time() - min(vigie_backup_verified_timestamp_seconds)",
        }),
        chart({
          title: "How far copies lag behind",
          unit: DurationSeconds,
          width: 12,
          min: 0,
          queries: [
            { expr: "max by (service, check) (vigie_backup_copy_lag_seconds)", legend: "{{service}}: {{check}}" },
          ],
        }),
      ],
      "It comes back": [
        table({
          title: "Since a restore was proven",
          unit: DurationSeconds,
          width: 12,
          steps: rising(30 * DAY, 90 * DAY),
          expr: "sort_desc(time() - max by (service) (vigie_backup_restore_proof_timestamp_seconds))",
          columns: { service: "Service" },
          value: "Time",
        }),
        table({
          title: "What the last proof found",
          unit: NoUnit,
          width: 12,
          words: { 1: ["all of it", "green"], 0: ["something is missing", "red"] },
          expr: "sort(min by (service) (vigie_backup_restore_proof_success))",
          columns: { service: "Service" },
          value: "Outcome",
        }),
        figure({
          title: "Since the last good drill",
          unit: DurationSeconds,
          width: 4,
          height: 8,
          steps: rising(100 * DAY, 200 * DAY),
          // 0 stands for never, which is no age.
          expr: "time() - (max(vigie_drill_last_success_timestamp_seconds) > 0)",
        }),
        table({
          title: "Time to be back, in the last good drill (RTO)",
          unit: DurationSeconds,
          width: 10,
          expr: "sort_desc(max by (service) (vigie_drill_recovery_seconds))",
          columns: { service: "Service" },
          value: "Time",
        }),
        table({
          title: "Age of the restored data (RPO)",
          unit: DurationSeconds,
          width: 10,
          expr: "sort_desc(max by (service, volume) (vigie_drill_data_loss_seconds))",
          columns: { service: "Service", volume: "Volume" },
          value: "Age",
        }),
      ],
    },
  });
