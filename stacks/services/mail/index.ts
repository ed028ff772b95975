import * as pulumi from "@pulumi/pulumi";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import {
  certificateVolume,
  mailConfig,
  mailSettings,
  memoryFor,
  programLogins,
  programPassword,
  STATUS_TOKEN,
} from "./config.ts";

/** Postfix, Dovecot and Rspamd in one container: they share the queue, the boxes and the accounts. */
export default class Mail extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets } = context;
    const config = mailConfig(service, inventory, people);
    const programs = new Set(programLogins(service, inventory));
    const passwords = config.accounts.map(({ login }) => [
      `passwords/${login}`,
      programs.has(login) ? secrets.token(programPassword(login)) : secrets.password(login),
    ]);
    this.container(this.image("mail", { include: ["stacks/status/vigie_status.py"] }), {
      memoryMb: memoryFor(service),
      cpus: 1,
      pids: 400,
      tmpfs: { "/run": 16, "/tmp": 64 },
      // Postfix and Dovecot start as root and give each process a user of its own; see the head of the Dockerfile.
      capabilities: [
        "CAP_SETUID",
        "CAP_SETGID",
        "CAP_CHOWN",
        "CAP_FOWNER",
        "CAP_DAC_OVERRIDE",
        "CAP_KILL",
        "CAP_SYS_CHROOT",
      ],
      reads: certificateVolume(service, inventory),
      files: {
        "mail.json": pulumi.secret(JSON.stringify(config, null, 2)),
        "secrets/status": secrets.token(STATUS_TOKEN),
        ...Object.fromEntries(passwords),
        ...(mailSettings(service).relay?.login === undefined
          ? {}
          : { "secrets/relay": new pulumi.Config("vigie").requireSecret("mailRelayPassword") }),
      },
      startSeconds: 60,
    });
    this.registerOutputs({});
  }
}
