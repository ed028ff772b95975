import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { DurationSeconds, NoUnit, PercentUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { dashboard } from "./frame.ts";
import { chart, figure, rising, table } from "./panels.ts";

const DAY = 86_400;
const HOUR = 3600;

/** Mail and lists: whether messages arrive, wait, and are believed. */
export const mail = (): Dashboard =>
  dashboard({
    uid: "vigie-mail",
    title: "Vigie: mail",
    description: "Whether mail arrives, what waits, whose boxes are full, and what others think of mail in our name.",
    since: "7d",
    rows: {
      Now: [
        figure({
          title: "Waiting messages",
          unit: Short,
          width: 6,
          steps: rising(20, 200),
          expr: "sum(max by (service, state) (vigie_mail_queue_messages))",
        }),
        figure({
          title: "The oldest waits for",
          unit: DurationSeconds,
          width: 6,
          steps: rising(HOUR, 6 * HOUR),
          expr: "max(vigie_mail_queue_oldest_seconds)",
        }),
        figure({
          title: "DMARC policy",
          unit: NoUnit,
          width: 6,
          words: { 0: ["none", "orange"], 1: ["quarantine", "blue"], 2: ["reject", "green"] },
          expr: "min(vigie_mail_dmarc_stage)",
        }),
        figure({
          title: "Age of the DKIM key",
          unit: DurationSeconds,
          width: 6,
          steps: rising(180 * DAY, 365 * DAY),
          expr: "max(vigie_mail_dkim_key_age_seconds)",
        }),
      ],
      Delivery: [
        chart({
          title: "From acceptance to the box",
          unit: Seconds,
          width: 12,
          min: 0,
          queries: [
            { expr: "max by (service, check) (vigie_mail_delivery_seconds)", legend: "{{service}}: {{check}}" },
          ],
        }),
        chart({
          title: "Through a list to a subscriber",
          unit: Seconds,
          width: 12,
          min: 0,
          queries: [
            { expr: "max by (service, check) (vigie_list_delivery_seconds)", legend: "{{service}}: {{check}}" },
          ],
        }),
        chart({
          title: "The queue, by state",
          unit: Short,
          width: 12,
          min: 0,
          queries: [{ expr: "sum by (state) (vigie_mail_queue_messages)", legend: "{{state}}" }],
        }),
        table({
          title: "Fullest mailboxes",
          description: "Boxes of roles by name, of people by the fullest.",
          unit: PercentUnit,
          width: 12,
          steps: rising(0.8, 0.95),
          expr: "topk(20, max by (service, box) (vigie_mail_box_used_ratio))",
          columns: { service: "Service", box: "Box" },
          value: "Used",
        }),
      ],
      "What others report": [
        chart({
          title: "Messages in our name, by result of DMARC",
          unit: Short,
          width: 12,
          min: 0,
          queries: [{ expr: "sum by (result) (vigie_mail_dmarc_messages)", legend: "{{result}}" }],
        }),
        chart({
          title: "Connections to our server, by result of TLS",
          unit: Short,
          width: 12,
          min: 0,
          queries: [{ expr: "sum by (result) (vigie_mail_tls_sessions)", legend: "{{result}}" }],
        }),
      ],
    },
  });
