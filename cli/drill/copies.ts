import type { Inventory } from "../../association/index.ts";

type Lang = "fr" | "en";

/** A copy of the snapshots as `copies` of a backup service declares it. */
interface Declared {
  repository?: string;
  sftp?: { user: string; host: string; port: number; path: string };
  s3?: { endpoint: string; bucket: string; path: string };
}

/** Where the snapshots are copied to, in words for paper. Nothing of ours on the machine that is lost counts. Pure. */
export function copiesOf({ services, hosts }: Pick<Inventory, "services" | "hosts">, lang: Lang): string[] {
  return Object.values(services).flatMap(({ delivery, provides }) => {
    if (delivery.by !== "us" || !provides.includes("backup")) return [];
    const { copies = {} } = delivery.settings as { copies?: Record<string, Declared> };
    return Object.values(copies).map(({ repository, sftp, s3 }) => {
      if (sftp) return `sftp://${sftp.user}@${sftp.host}${sftp.port === 22 ? "" : `:${sftp.port}`}${sftp.path}`;
      if (s3) return `${s3.endpoint}/${s3.bucket}/${s3.path}`;
      const held = services[repository ?? ""];
      const host = held?.delivery.by === "us" ? hosts[held.delivery.host] : undefined;
      return [held?.name[lang] ?? repository, host && `${host.name[lang]} (${host.address})`]
        .filter(Boolean)
        .join(", ");
    });
  });
}

/**
 * The address that a project is cloned from, as it may be printed: without a password that somebody put into it. Undefined for a
 * folder of this machine, which will be gone. Pure.
 */
export function cloneAddress(remote: string): string | undefined {
  const address = remote.trim();
  if (/^[\w.-]+@[\w.-]+:(?!\/\/)\S+$/.test(address)) return address;
  if (!/^(https|ssh|git\+ssh|git):\/\/\S+$/.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  url.password = "";
  if (url.protocol === "https:") url.username = "";
  return url.href;
}
