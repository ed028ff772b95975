import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { backups } from "./backups.ts";
import { exporter } from "./exporter.ts";
import { mail } from "./mail.ts";
import { overview } from "./overview.ts";
import { service } from "./service.ts";

/** Every dashboard, by the name of its file. They ask for what is there, and so suit any declaration. */
export const GRAFANA: Readonly<Record<string, () => Dashboard>> = { overview, service, mail, backups, exporter };
