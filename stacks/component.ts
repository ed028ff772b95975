import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type ContainerSpec, containerArgs, DEFAULT_PIDS, REPLACE_ON } from "./container.ts";
import type { DeployedService, StackContext } from "./context.ts";
import { deliver } from "./courier.ts";
import type { HostResources } from "./hosts.ts";
import { buildImage, type ImageSource } from "./images.ts";
import type { ProcessLimit } from "./limits.ts";

/** A service's component, as each folder of `stacks/services/` exports it. */
export type ServiceComponentClass = new (service: DeployedService, context: StackContext) => ServiceComponent;

/** What the components of all services share: their image, their hardened container, their place. */
export abstract class ServiceComponent extends pulumi.ComponentResource {
  protected readonly service: DeployedService;
  protected readonly context: StackContext;
  /** The container, once made, and how many processes it may have. */
  readonly containers: { container: docker.Container; limit: ProcessLimit }[] = [];

  constructor(service: DeployedService, context: StackContext) {
    super(`vigie:service:${service.delivery.kind}`, service.id);
    this.service = service;
    this.context = context;
  }

  get host(): HostResources {
    return this.context.hosts[this.service.delivery.host]!;
  }

  /** Options of a resource of this service on its host. */
  protected get here(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.host.provider };
  }

  /** The image of this kind's own `image/` folder, or of another kind's. */
  protected image(
    kind: string = this.service.delivery.kind,
    also: Pick<ImageSource, "include" | "packages"> = {},
  ): docker.RemoteImage {
    const source = { name: this.service.id, folder: `stacks/services/${kind}/image`, ...also };
    return buildImage(source, this.service.delivery.host, this.here, this.context.images[this.service.id]);
  }

  /** The containers that have to be healthy before this service's is started. */
  #before(): docker.Container[] {
    if (!this.context.ordered) return [];
    return this.service.dependsOn.flatMap((id) =>
      (this.context.made.get(id)?.containers ?? []).map(({ container }) => container),
    );
  }

  /** The service's container. */
  protected container(image: docker.RemoteImage, spec: ContainerSpec): docker.Container {
    const files = spec.files && deliver(this.service.container!, image.imageId, spec.files, this.here);
    const networks = Object.values(this.host.networks).filter(({ plan }) => plan.members.includes(this.service.id));
    const container = new docker.Container(
      this.service.container!,
      containerArgs(this.service, this.host.host, image.imageId, networks, this.context, spec, files?.volume.name),
      {
        ...this.here,
        dependsOn: [...(files ? [files.courier] : []), ...this.#before()],
        deleteBeforeReplace: true,
        replaceOnChanges: REPLACE_ON,
      },
    );
    this.containers.push({ container, limit: { container: this.service.container!, pids: spec.pids ?? DEFAULT_PIDS } });
    return container;
  }
}
