import { readFile } from "node:fs/promises";
import { type Channel, type SecretRef, secretFile } from "../../association/index.ts";
import { type MailMeans, sendMail } from "./mail.ts";
import type { Notice } from "./message.ts";

export interface Means extends MailMeans {
  /** The mailbox of the role that is written to, where it has one. */
  mailbox?: string;
}

/** How long a server has to take a message, in milliseconds: Alertmanager asks again otherwise. */
const PATIENCE_MS = 10_000;

type Sender<By extends Channel["by"]> = (
  channel: Extract<Channel, { by: By }>,
  notice: Notice,
  means: Means,
) => Promise<void>;

/** How each kind of channel is written to. @throws where the message was not taken; the error holds no secret. */
const SENDERS: { readonly [By in Channel["by"]]: Sender<By> } = {
  async mail({ to }, notice, { mailbox, ...means }) {
    const address = to ?? mailbox;
    if (address === undefined) throw new Error("the role has no mailbox");
    await sendMail(
      {
        to: address,
        subject: notice.title,
        lines: notice.findings.length === 0 ? notice.lines : [...notice.lines, "", ...notice.findings],
        id: notice.id,
        ...(notice.urgency === "page" ? { urgent: true } : {}),
      },
      means,
    );
  },

  async ntfy({ server, topic, token }, notice) {
    const priority = { page: 5, ticket: 3, resolved: 2 }[notice.urgency];
    const tags = { page: ["rotating_light"], ticket: ["warning"], resolved: ["white_check_mark"] }[notice.urgency];
    await post(server, token, {
      topic: await secretOf(topic),
      title: notice.title,
      message: notice.lines.join("\n"),
      priority,
      tags,
      ...(notice.link === undefined ? {} : { click: notice.link }),
    });
  },

  async mattermost({ webhook }, notice) {
    const text = [`**${escapeMarkdown(notice.title)}**`, ...notice.lines.map(escapeMarkdown)].join("\n");
    await post(await secretOf(webhook), undefined, { text });
  },

  async matrix({ server, room, token }, notice) {
    // The transaction's identifier makes the server drop what it was told before.
    const path = `_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${notice.id}`;
    const body = { msgtype: "m.text", body: [notice.title, ...notice.lines].join("\n") };
    await post(new URL(path, withSlash(server)).href, token, body, "PUT");
  },

  async signal({ server, from, to }, notice) {
    await post(new URL("v2/send", withSlash(server)).href, undefined, {
      number: await secretOf(from),
      recipients: [await secretOf(to)],
      message: [notice.title, ...notice.lines].join("\n"),
    });
  },
};

/** Sends a notice by a channel. @throws where it was not taken. */
export const send = (channel: Channel, notice: Notice, means: Means): Promise<void> =>
  (SENDERS[channel.by] as Sender<Channel["by"]>)(channel as never, notice, means);

/** Calls the address of a deadman's switch; gives what went wrong, without the address, which is a secret. */
export async function signOfLife(file: string): Promise<string | undefined> {
  try {
    await post(await secretOf({ file }), undefined, { from: "Vigie" });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const withSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);

async function secretOf(ref: SecretRef): Promise<string> {
  const text = await readFile(secretFile(ref), "utf8").catch(() => {
    throw new Error(`${secretFile(ref)} cannot be read`);
  });
  return text.trim();
}

/** The address may itself be a secret: it is in no error. */
async function post(url: string, token: SecretRef | undefined, body: object, method: "POST" | "PUT" = "POST") {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new Error("the address is not one of a web server");
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${await secretOf(token)}` }),
  };
  const { request } = await import("undici");
  const answer = await request(url, {
    method,
    headers,
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the server does not answer (${error.code ?? error.name})`);
  });
  await answer.body.dump({ limit: 65_536 }).catch(() => {});
  if (answer.statusCode >= 300) throw new Error(`the server answers ${answer.statusCode}`);
}

/** Text that Markdown shows as it is; an `@` that calls nobody. Addresses of ours stay links. */
export const escapeMarkdown = (text: string): string =>
  text
    .split(/(https?:\/\/[\w.:/?=&%~-]+$)/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/[\\`*_{}[\]()#+\-!|<>~:]/g, "\\$&").replace(/@/g, "@\u2060"),
    )
    .join("");
