import * as pulumi from "@pulumi/pulumi";
import { passwordFiles } from "../../accounts.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { contactsConfig } from "./config.ts";
import { PROBE_LOGIN, PROBE_PASSWORD } from "./kind.ts";

/** Radicale behind the proxy. */
export default class Contacts extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets } = context;
    this.container(this.image(), {
      memoryMb: 128,
      files: {
        // Names and addresses of people: kept out of plain state like a secret.
        "contacts.json": pulumi.secret(JSON.stringify(contactsConfig(service, inventory, people), null, 2)),
        ...passwordFiles(people, secrets),
        [`passwords/${PROBE_LOGIN}`]: secrets.token(PROBE_PASSWORD),
      },
    });
    this.registerOutputs({});
  }
}
