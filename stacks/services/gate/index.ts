import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";

/** The one container that sees the engine's socket; it passes on a list of containers and nothing else. */
export default class Gate extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    this.container(this.image(), {
      memoryMb: 64,
      // The socket is the root user's; without capabilities root is no more than its owner.
      user: "0:0",
      files: { token: context.secrets.token(gateToken(service.delivery.host)) },
      hostFiles: { [socketOf(this.host.host.engine)]: "/var/run/docker.sock" },
    });
    this.registerOutputs({});
  }
}

/** Purpose of the token that the lookout shows to a host's gate. */
export const gateToken = (host: string): string => `gate/${host}`;

/** The engine's socket on its own machine. */
function socketOf(engine: string): string {
  const here = engine === "unix:///var/run/docker.sock" ? (process.env.DOCKER_HOST ?? engine) : engine;
  return here.startsWith("unix://") ? here.slice("unix://".length) : "/var/run/docker.sock";
}
