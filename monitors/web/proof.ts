import { createHash, timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler } from "express";

/** What the proxy adds once it has verified a volunteer's password; it takes away what a visitor sends under these names. */
export const PROOF_HEADER = "x-vigie-proof";
export const USER_HEADER = "x-vigie-user";

/** How internal pages are kept from those who come round the proxy, or through it by a path that should have asked for a password. */
export interface Gatekeeper {
  /** For pages with people on them: the proxy's proof, whoever asks. */
  readonly people: RequestHandler;
  /** For what other containers read: the proof too, except when asked from inside by the lookout's own name. */
  readonly machines: RequestHandler;
  /** Who signed in at the proxy; undefined where nobody did, or where it is not the proxy that says so. */
  user(request: Request): string | undefined;
}

/**
 * @param proof what the proxy shows; without one nothing is kept from anybody, and nobody is signed in
 * @param publicUrl where visitors find the pages
 */
export function gatekeeper(proof: string | undefined, publicUrl: string | undefined): Gatekeeper {
  const expected = proof === undefined ? undefined : digest(proof);
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  const proven = (request: Request): boolean =>
    expected === undefined || timingSafeEqual(digest(request.get(PROOF_HEADER) ?? ""), expected);
  const fromInside = (request: Request): boolean =>
    request.get("x-forwarded-for") === undefined && hostOf(request) !== publicHost;
  const unless =
    (allowed: (request: Request) => boolean): RequestHandler =>
    (request, response, next) => {
      if (allowed(request)) return next();
      response
        .status(403)
        .set("Cache-Control", "no-store")
        .type("text")
        .send("Only through the proxy, with a password.\n");
    };
  return {
    people: unless(proven),
    machines: unless((request) => fromInside(request) || proven(request)),
    user: (request) => {
      const login = request.get(USER_HEADER);
      return expected !== undefined && proven(request) && login ? login : undefined;
    },
  };
}

/** Of equal length whatever is sent, as comparing in constant time wants. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const hostOf = (request: Request): string => (request.get("host") ?? "").replace(/:\d+$/, "").toLowerCase();
