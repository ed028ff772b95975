import { readFile } from "node:fs/promises";

/** A mail server that takes messages. */
export interface Smtp {
  host: string;
  port: number;
  /** The sender's address. */
  from: string;
  username?: string;
  passwordFile?: string;
  /** TLS from the first byte (RFC 8314); otherwise STARTTLS. */
  implicitTls?: boolean;
  /** The name in its certificate; `host` when left out. */
  serverName?: string;
  /** Send over a connection that is not encrypted where the server offers nothing else; false when left out. */
  allowPlain?: boolean;
}

export interface MailMeans {
  smtp?: Smtp;
  /** The authorities that the server's certificate may come from, in PEM; Node's own when left out. */
  authorities?: readonly string[];
}

/** A message of the lookout's: one part of plain text, which every reader shows and no checked machine can dress up. */
export interface Letter {
  to: string;
  cc?: string;
  subject: string;
  lines: readonly string[];
  /** The left half of its Message-ID: the same for the same news, so that a reader that gets it twice can know it. */
  id: string;
  /** The left half of the Message-ID of the letter that began the thread. */
  answers?: string;
  /** Where answers go; the sender when left out. */
  replyTo?: string;
  urgent?: boolean;
}

/** How long a server has to take a message, in milliseconds: whoever sends tries again otherwise. */
const PATIENCE_MS = 10_000;

/** Hands a letter to the mail server. @throws where it was not taken; the error holds no secret. */
export async function sendMail(letter: Letter, { smtp, authorities }: MailMeans): Promise<void> {
  if (smtp === undefined) throw new Error("no mail server is declared");
  const { default: nodemailer } = await import("nodemailer");
  const transport = nodemailer.createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.implicitTls === true,
    requireTLS: smtp.implicitTls !== true && smtp.allowPlain !== true,
    tls: {
      ...(smtp.serverName === undefined ? {} : { servername: smtp.serverName }),
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
    },
    ...(smtp.username && smtp.passwordFile
      ? { auth: { user: smtp.username, pass: (await readFile(smtp.passwordFile, "utf8")).trim() } }
      : {}),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = smtp.from.split("@")[1] ?? "vigie";
  const { to, cc, subject, lines, id, answers, replyTo, urgent } = letter;
  try {
    await transport.sendMail({
      from: { name: "Vigie", address: smtp.from },
      to: { name: "", address: to },
      ...(cc === undefined ? {} : { cc: { name: "", address: cc } }),
      ...(replyTo === undefined ? {} : { replyTo: { name: "", address: replyTo } }),
      subject,
      text: `${lines.join("\n")}\n\n-- \nVigie\n`,
      messageId: `<${id}@${domain}>`,
      ...(answers === undefined ? {} : { inReplyTo: `<${answers}@${domain}>`, references: [`<${answers}@${domain}>`] }),
      // RFC 3834: no out-of-office answers to alerts.
      headers: { "Auto-Submitted": "auto-generated", ...(urgent ? { Importance: "high" } : {}) },
    });
  } finally {
    transport.close();
  }
}
