import { z } from "zod";
import type { ResolveContext } from "../../association/vocabulary.ts";
import { type Address, formatAddress, parseAddress } from "../net/address.ts";

/** `host:port`, an IPv6 address in brackets (RFC 3986 section 3.2). */
export const hostPort = z.string().refine((text) => parseAddress(text) !== undefined, "an address `host:port`");

/** A place on the network as `host:port`, where there is one. */
export const written = (place: Address | undefined): string | undefined => place && formatAddress(place);

/** What is missing where a service has no such port: how `resolve` says it. */
export const noPort = (param: string, port: string, { service }: Pick<ResolveContext, "service">): string =>
  `\`${param}\`: ${service.id} has no port \`${port}\` that is reached from here`;

/** Completes a check that connects to a port of its own service unless told another `address`. */
export const atOwnPort =
  (port: string) =>
  <Params extends { address?: string | undefined }>(own: Params, context: ResolveContext): Params | string => {
    const address = own.address ?? written(context.endpoint(port));
    return address === undefined ? `an ${noPort("address", port, context)}` : { ...own, address };
  };
