import * as pulumi from "@pulumi/pulumi";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { programPassword } from "../mail/config.ts";
import { listsConfig, memoryFor, relayLogin } from "./config.ts";

/** Sympa with its pages, behind the proxy; it receives from and sends through the mail service. */
export default class Lists extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets } = context;
    this.container(this.image("lists", { include: ["stacks/hooks/vigie-hooks"] }), {
      memoryMb: memoryFor(service),
      tmpfs: { "/run": 16, "/tmp": 64 },
      // Postfix starts as root and gives each process a user of its own; see the head of the Dockerfile.
      capabilities: ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE", "CAP_KILL"],
      files: {
        // Names and addresses of people: kept out of plain state like a secret.
        "lists.json": pulumi.secret(JSON.stringify(listsConfig(service, inventory, people), null, 2)),
        "secrets/relay": secrets.token(programPassword(relayLogin(service))),
      },
      startSeconds: 60,
    });
    this.registerOutputs({});
  }
}
