import { ImapFlow } from "imapflow";
import { demo, readDemo } from "./demo.ts";

/** A message as whoever reads the box sees it. */
export interface Message {
  id: string;
  subject: string;
  from: string;
  inReplyTo: string;
  source: string;
}

/** What came since a time into a folder of the demo's real mail server, read by IMAP over verified TLS. */
export async function messagesIn(folder: string, login: string, since: number): Promise<Message[]> {
  const mail = (await readDemo()).services.mail!;
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: mail.ports.imaps!.published!,
    secure: true,
    servername: "mail.tilleuls.localhost",
    tls: { ca: demo().authority, servername: "mail.tilleuls.localhost" },
    auth: { user: login, pass: demo().passwords[login]! },
    logger: false,
  });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.mailboxOpen(folder, { readOnly: true });
    const found = await client.fetchAll("1:*", { envelope: true, source: true, internalDate: true });
    return found
      .filter(({ internalDate }) => new Date(internalDate!).getTime() >= since - 1000)
      .map(({ envelope, source }) => ({
        id: envelope?.messageId ?? "",
        subject: envelope?.subject ?? "",
        from: envelope?.from?.[0]?.address ?? "",
        inReplyTo: envelope?.inReplyTo ?? "",
        source: source!.toString(),
      }));
  } finally {
    await client.logout();
  }
}
