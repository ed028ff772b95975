import { channelsOf, type Inventory, mailboxFor, provider } from "../../association/index.ts";
import { reach } from "../prometheus/config.ts";
import { mainLanguage } from "../words/index.ts";
import { DIRECT, directMail } from "./direct-mail.ts";
import { INHIBIT_RULES } from "./inhibition.ts";

/** A mail server that takes alerts. */
export interface Smtp {
  readonly host: string;
  readonly port: number;
  /** The sender's address. */
  readonly from: string;
  readonly username?: string;
  /** The file that holds the password: it is never in the configuration itself. */
  readonly passwordFile?: string;
  /** Refuse to send over a connection that is not encrypted; true when left out. */
  readonly requireTls?: boolean;
  /** The name in its certificate; `host` when left out. */
  readonly serverName?: string;
  /** A file with the authority that its certificate has to come from; those of the system when left out. */
  readonly caFile?: string;
}

export interface AlertmanagerOptions {
  /** Where every alert is posted; the lookout, which logs and counts them, when left out. */
  readonly webhookUrl?: string;
  /** With it, the lookout can write mail, and what it could not pass on is written to the role's mailbox directly. */
  readonly smtp?: Smtp;
  /** The file that holds what the lookout wants to be shown. */
  readonly tokenFile?: string;
}

/**
 * Alertmanager's configuration: alerts go to the role that owns them, grouped by service; those of level 2 carry the
 * role they escalate to as their owner, so that one route per role does for both. The object is a configuration file
 * once written as JSON, which is YAML. It holds addresses of roles, never of people.
 */
export function alertmanagerConfig(inventory: Inventory, options: AlertmanagerOptions = {}): object {
  const roles = Object.keys(inventory.roles);
  const webhook = options.webhookUrl ?? lookoutWebhook(inventory);
  return {
    global: options.smtp ? smtpSettings(options.smtp) : {},
    route: {
      receiver: receiverOf(inventory.association.contact),
      group_by: ["owner", "level", "service"],
      group_wait: "15s",
      group_interval: "2m",
      repeat_interval: "4h",
      routes: [
        {
          matchers: ['alertname="Watchdog"'],
          receiver: WATCHDOG,
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "5m",
        },
        ...(options.smtp ? roles.map((role) => ({ ...withoutLookout(role), receiver: directly(role) })) : []),
        ...roles.map((role) => ({
          matchers: [`owner="${role}"`],
          receiver: receiverOf(role),
          routes: [
            {
              matchers: ['severity="ticket"'],
              receiver: receiverOf(role),
              group_by: ["owner", "level"],
              group_wait: "5m",
              group_interval: "1h",
              repeat_interval: "24h",
            },
          ],
        })),
      ],
    },
    inhibit_rules: INHIBIT_RULES,
    receivers: [
      { name: WATCHDOG, webhook_configs: toLookout(webhook, options) },
      ...(options.smtp
        ? roles.map((role) => ({ name: directly(role), ...mailConfig(role, inventory, options.smtp!) }))
        : []),
      ...roles.map((role) => {
        const channels = options.smtp ? channelsOf(inventory.roles[role]!) : (inventory.roles[role]!.alerts ?? []);
        return {
          name: receiverOf(role),
          webhook_configs: [
            ...toLookout(webhook, options),
            // Each by itself, for Alertmanager tries again what failed, and only that.
            ...channels.flatMap((_, index) => toLookout(webhook, options, `?role=${role}&channel=${index}`)),
          ],
        };
      }),
    ],
  };
}

const WATCHDOG = "watchdog";
const receiverOf = (role: string): string => `role ${role}`;

function lookoutWebhook(inventory: Inventory): string | undefined {
  const lookout = provider("lookout", inventory.services);
  return lookout && `http://${reach(inventory, provider("alerts", inventory.services), lookout)}/api/alerts`;
}

/** What the lookout cannot pass on goes by mail, and on to the usual receiver. */
const withoutLookout = (role: string) => ({
  matchers: [`alertname=~"${DIRECT.join("|")}"`, `owner="${role}"`],
  continue: true,
});
const directly = (role: string): string => `mail ${role}`;

const toLookout = (url: string | undefined, { tokenFile }: AlertmanagerOptions, query = "") =>
  url === undefined
    ? []
    : [
        {
          url: `${url}${query}`,
          send_resolved: true,
          max_alerts: 500,
          ...(tokenFile === undefined
            ? {}
            : { http_config: { authorization: { type: "Bearer", credentials_file: tokenFile } } }),
        },
      ];

const smtpSettings = ({ host, port, from, username, passwordFile, requireTls }: Smtp) => ({
  smtp_smarthost: `${host.includes(":") ? `[${host}]` : host}:${port}`,
  smtp_from: from,
  smtp_require_tls: requireTls ?? true,
  ...(username === undefined ? {} : { smtp_auth_username: username }),
  ...(passwordFile === undefined ? {} : { smtp_auth_password_file: passwordFile }),
});

/** Plain text, which every reader shows and no checked machine can dress up, in the language that those on call read. */
function mailConfig(role: string, inventory: Inventory, { serverName, caFile }: Smtp) {
  const to = mailboxFor(role, inventory);
  if (to === undefined) return {};
  const { subject, text } = directMail(mainLanguage(inventory.association));
  return {
    email_configs: [
      {
        to,
        send_resolved: true,
        html: "",
        ...(serverName === undefined && caFile === undefined
          ? {}
          : { tls_config: { server_name: serverName, ca_file: caFile } }),
        headers: { Subject: subject },
        text,
      },
    ],
  };
}
