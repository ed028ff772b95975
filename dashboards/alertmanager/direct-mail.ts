import { type Lang, words } from "../words/index.ts";

/** Alerts that Alertmanager writes mail about by itself: whoever would write it otherwise is what is down. */
export const DIRECT = Object.keys(words.fr.alerts.direct) as (keyof (typeof words)["fr"]["alerts"]["direct"])[];

/** What such a mail says, as templates of Go, which Alertmanager fills in. */
export function directMail(lang: Lang): { subject: string; text: string } {
  const w = words[lang].alerts;
  const told = (part: "title" | "text", alert: string, otherwise: string): string =>
    `${DIRECT.map((name, index) => `{{ ${index === 0 ? "if" : "else if"} eq ${alert}.Labels.alertname "${name}" }}${w.direct[name][part]}`).join("")}{{ else }}{{ ${alert}.Annotations.${otherwise} }}{{ end }}`;
  const title = (alert: string) => told("title", alert, "summary");
  return {
    subject: [
      `{{ if eq .Status "resolved" }}${w.resolved}{{ else }}${w.page}{{ end }}${w.colon}${title("(index .Alerts 0)")}`,
      "{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }}){{ end }}",
    ].join(""),
    text: [
      `{{ range .Alerts }}{{ if eq .Status "resolved" }}✓ ${w.resolved}${w.colon}{{ else }}● {{ end }}${title("")}`,
      `{{ if eq .Labels.level "2" }}${w.level2}\n{{ end }}${told("text", "", "description")}`,
      w.since('{{ .StartsAt.UTC.Format "2006-01-02 15:04" }} UTC'),
      `${w.whatToDo} {{ .Annotations.runbook_url }}`,
      "",
      "{{ end }}",
    ].join("\n"),
  };
}
