import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { caddyfile, internalReaders, PROOF, proxyFiles } from "./caddyfile.ts";

/** Caddy, on the ports that the world sees. */
export default class ReverseProxy extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets, certificates } = context;
    const readers = internalReaders(inventory, people.teams).map((id) => people.holders[id]!.login);
    this.container(this.image(), {
      memoryMb: 128,
      files: {
        Caddyfile: caddyfile(inventory, service, certificates),
        ...proxyFiles(inventory, service),
        proof: secrets.token(PROOF),
        ...Object.fromEntries(readers.map((login) => [`passwords/${login}`, secrets.password(login)])),
      },
    });
    this.registerOutputs({});
  }
}
