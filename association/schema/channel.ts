import { z } from "zod";
import { type SecretRef, secret } from "../secrets.ts";
import { mailAddress, webAddress } from "./values.ts";

const common = {
  /** Only what wakes somebody; tickets wait where they are. */
  pagesOnly: z.boolean().default(false),
  /** The language of the messages; the association's main one when left out. */
  language: z.enum(["fr", "en"]).optional(),
};

/** A way by which alerts reach those who hold a role. Addresses that let anybody write there are secrets. */
export const channel = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("mail"),
    /** Where to write; the role's own mailbox when left out. */
    to: mailAddress.optional(),
    ...common,
  }),
  z.strictObject({
    by: z.literal("ntfy"),
    /** The ntfy server (https://docs.ntfy.sh/publish/#publish-as-json). */
    server: webAddress.default("https://ntfy.sh"),
    /** The topic: whoever knows it reads along. */
    topic: secret,
    /** The access token, where the server wants one. */
    token: secret.optional(),
    ...common,
  }),
  z.strictObject({
    by: z.literal("mattermost"),
    /** The address of an incoming webhook, of Mattermost, Slack or Rocket.Chat. */
    webhook: secret,
    ...common,
  }),
  z.strictObject({
    by: z.literal("matrix"),
    /** The home server. */
    server: webAddress,
    /** The room's identifier, such as `!abc:example.org`. */
    room: z.string().regex(/^!\S+$/, "a room's identifier, which begins with !"),
    /** The access token of the account that writes. */
    token: secret,
    ...common,
  }),
  z.strictObject({
    by: z.literal("signal"),
    /** A gateway of the signal-cli-rest-api project. */
    server: webAddress,
    /** The number that writes (E.164), in a secret: it is somebody's. */
    from: secret,
    /** The group or number written to. */
    to: secret,
    ...common,
  }),
]);
export type Channel = z.output<typeof channel>;

/** Mail to the role's box: what reaches a role that says nothing else, where there is a mail server. */
const BY_MAIL: Channel = { by: "mail", pagesOnly: false };

/** How a role is reached. */
export const channelsOf = ({ alerts }: { alerts?: readonly Channel[] }): readonly Channel[] =>
  alerts !== undefined && alerts.length > 0 ? alerts : [BY_MAIL];

/** The secrets that a channel needs. */
export const channelSecrets = (one: Channel): SecretRef[] =>
  Object.values(one).filter((value): value is SecretRef => typeof value === "object" && value !== null);
