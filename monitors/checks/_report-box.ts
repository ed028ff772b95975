import type { FetchMessageObject, ImapFlow, MessageStructureObject } from "imapflow";
import { parseReport, type Report } from "../reports/digest.ts";
import { LONGEST_PACKED, UnreadableReport, unpack } from "../reports/unpack.ts";

/** Where reports go once read, and those that could not be. */
const READ = "Reports";
const UNREAD = "Unreadable";
/** Messages looked at in one run: the rest waits for the next. */
const AT_ONCE = 200;

/** Reports that were read before, by where they are: they are not fetched again. */
export class ReportMemory {
  #validity = "";
  readonly #known = new Map<number, Report | undefined>();

  /** Forgets all where the folder is another one (RFC 9051 section 2.3.1.1). */
  for(validity: string): Map<number, Report | undefined> {
    if (validity !== this.#validity) this.#known.clear();
    this.#validity = validity;
    return this.#known;
  }
}

/** Types and names of what holds a report (RFC 7489 section 7.2.1.1, RFC 8460 section 5.3). */
const isReportPart = ({ type = "", dispositionParameters, parameters }: MessageStructureObject): boolean =>
  /^(application\/(x-)?(gzip|zip|zip-compressed)|application\/xml|text\/xml|application\/tlsrpt\+(gzip|json))$/i.test(
    type,
  ) || /\.(xml|json)(\.gz)?$|\.zip$/i.test(String(dispositionParameters?.filename ?? parameters?.name ?? ""));

function partsOf(node: MessageStructureObject | undefined, depth = 0): MessageStructureObject[] {
  if (node === undefined || depth > 10) return [];
  return [node, ...(node.childNodes ?? []).flatMap((child) => partsOf(child, depth + 1))];
}

/** The number of the part that holds a report, as IMAP counts them. */
export const reportPart = (structure: MessageStructureObject | undefined): string | undefined => {
  const part = partsOf(structure).find(isReportPart);
  return part && (part.part ?? "1");
};

/** Moves reports out of the inbox, unread; gives how many there were, and how many messages that were none are left. */
export async function collect(client: ImapFlow): Promise<void> {
  for (const folder of [READ, UNREAD]) await client.mailboxCreate(folder);
  await client.mailboxOpen("INBOX");
  const uids = ((await client.search({ all: true }, { uid: true })) || []).slice(0, AT_ONCE);
  if (uids.length === 0) return;
  const found: number[] = [];
  for await (const message of client.fetch(uids.join(","), { uid: true, bodyStructure: true }, { uid: true }))
    if (reportPart(message.bodyStructure) !== undefined) found.push(message.uid);
  if (found.length > 0) await client.messageMove(found.join(","), READ, { uid: true });
}

/** The reports of the last days, those that cannot be read moved away; and how many those were. */
export async function readReports(
  client: ImapFlow,
  memory: ReportMemory,
  since: Date,
): Promise<{ reports: Report[]; unreadable: string[] }> {
  const box = await client.mailboxOpen(READ);
  const known = memory.for(String(box.uidValidity));
  const uids = (await client.search({ since }, { uid: true })) || [];
  const unreadable: string[] = [];
  const gone: number[] = [];
  const wanted = uids.filter((uid) => !known.has(uid)).slice(0, AT_ONCE);
  const messages: FetchMessageObject[] =
    wanted.length === 0
      ? []
      : await client.fetchAll(wanted.join(","), { uid: true, bodyStructure: true }, { uid: true });
  for (const { uid, bodyStructure } of messages) {
    try {
      known.set(uid, await readOne(client, uid, bodyStructure));
    } catch (error) {
      if (!(error instanceof UnreadableReport)) throw error;
      unreadable.push(error.message);
      gone.push(uid);
    }
  }
  if (gone.length > 0) await client.messageMove(gone.join(","), UNREAD, { uid: true });
  for (const uid of known.keys()) if (!uids.includes(uid)) known.delete(uid);
  return { reports: [...known.values()].filter((report) => report !== undefined), unreadable };
}

async function readOne(client: ImapFlow, uid: number, structure: MessageStructureObject | undefined): Promise<Report> {
  const part = reportPart(structure);
  if (part === undefined) throw new UnreadableReport("no report is attached");
  const { content } = await client.download(String(uid), part, { uid: true, maxBytes: LONGEST_PACKED + 1 });
  const pieces: Buffer[] = [];
  for await (const piece of content ?? []) pieces.push(piece as Buffer);
  return parseReport(unpack(Buffer.concat(pieces)));
}

/** Deletes what is older than a day given, in both folders. */
export async function forget(client: ImapFlow, before: Date): Promise<void> {
  for (const folder of [READ, UNREAD]) {
    await client.mailboxOpen(folder);
    const old = (await client.search({ before }, { uid: true })) || [];
    if (old.length > 0) await client.messageDelete(old.join(","), { uid: true });
  }
}
