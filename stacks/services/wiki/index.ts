import * as pulumi from "@pulumi/pulumi";
import { passwordFiles } from "../../accounts.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { wikiConfig } from "./config.ts";

/** DokuWiki behind the proxy. */
export default class Wiki extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets } = context;
    this.container(this.image(), {
      memoryMb: 256,
      files: {
        // Names and addresses of people: kept out of plain state like a secret.
        "wiki.json": pulumi.secret(JSON.stringify(wikiConfig(service, inventory, people), null, 2)),
        ...passwordFiles(people, secrets),
      },
    });
    this.registerOutputs({});
  }
}
