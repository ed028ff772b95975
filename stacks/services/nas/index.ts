import * as pulumi from "@pulumi/pulumi";
import { passwordFiles } from "../../accounts.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { nasConfig, STATUS_TOKEN } from "./config.ts";

/** Samba, on the association's network. */
export default class Nas extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets } = context;
    this.container(this.image("nas", { include: ["stacks/status/vigie_status.py"] }), {
      memoryMb: 320,
      // smbd becomes the user who signs in; versions are made in each team's group.
      capabilities: ["CAP_SETUID", "CAP_SETGID"],
      // Samba's databases of sessions and locks.
      tmpfs: { "/run": 64 },
      files: {
        "nas.json": pulumi.secret(JSON.stringify(nasConfig(service, inventory, people), null, 2)),
        "secrets/status": secrets.token(STATUS_TOKEN),
        ...passwordFiles(people, secrets),
      },
    });
    this.registerOutputs({});
  }
}
