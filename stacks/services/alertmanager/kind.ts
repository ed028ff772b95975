import { z } from "zod";
import { defineKind, duration, port, provider, secret } from "../../../association/index.ts";

const settings = z.strictObject({
  /** How long level 1 has before an alert goes to level 2, the role that the owner escalates to (N32). */
  escalateAfter: duration.prefault("30m"),
  /** Another mail server that takes alerts; where there is a service of kind mail, that one takes them when left out. */
  smtp: z
    .strictObject({
      /** Its name. */
      host: z.string().min(1),
      /** 587 for STARTTLS, 465 for TLS from the start. */
      port: port.default(587),
      /** The sender's address. */
      from: z.email("a mail address"),
      /** The account that sends. */
      username: z.string().min(1).optional(),
      /** Its password. */
      password: secret.optional(),
    })
    .optional(),
  /**
   * An address outside that is called every five minutes as long as alerts get through, for instance a check of
   * healthchecks.io: whoever runs it tells you when the calls end. A secret, for whoever knows it can call too.
   */
  deadman: secret.optional(),
});

export type Settings = z.output<typeof settings>;

/** Alertmanager: takes alerts to the role that owns the service. */
export default defineKind({
  summary: "Routing of alerts to roles (Alertmanager)",
  software: ["prometheus-alertmanager"],
  settings,
  provides: ["alerts"],
  uses: ({ delivery }, services) => {
    if (delivery.by !== "us") return [];
    const lookouts = Object.values(services).filter(({ provides }) => provides.includes("lookout"));
    // Mail, and the proxy, which gives it the certificate of the authority to trust.
    const { smtp } = delivery.settings as Settings;
    const post = smtp === undefined ? provider("mail", services) : undefined;
    const proxy = post && provider("proxy", services, delivery.host);
    return [...lookouts, post, proxy].flatMap((service) => service?.id ?? []);
  },
  ports: { http: { container: 9093 } },
  volumes: { data: { path: "/var/lib/alertmanager", backup: false } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    alertmanager: z.input<typeof settings>;
  }
}
