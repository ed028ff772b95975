import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demo } from "./demo.ts";
import { offsetOf } from "./names.ts";

/** Port of the NAS: the declared one and the stack's offset. */
const PORT = String(1445 + offsetOf("real"));

/** Somebody who uses the NAS with smbclient. */
export class Member {
  readonly #folder = mkdtempSync(join(tmpdir(), "vigie-smb-"));
  readonly #account: string;

  constructor(login: string, password = demo().passwords[login] ?? "") {
    // A file, as smbclient's manual advises: arguments can be read by any process.
    this.#account = join(this.#folder, "account");
    writeFileSync(this.#account, `username=${login}\npassword=${password}\ndomain=TILLEULS\n`, { mode: 0o600 });
  }

  /** Commands of smbclient on a share, by protocols from `least` to `most`. */
  share(name: string, commands: string, least = "SMB3", most = "SMB3"): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync("smbclient", this.words(name, commands, least, most), {
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  }

  words(name: string, commands: string, least: string, most: string, ...more: string[]): string[] {
    return [
      `//127.0.0.1/${name}`,
      ...["--port", PORT, "--authentication-file", this.#account, "--timeout", "10", "--command", commands],
      ...[`--option=client min protocol=${least}`, `--option=client max protocol=${most}`],
      ...more,
    ];
  }

  /** What Windows would list as previous versions of a file or folder, the youngest first. */
  versions(share: string, path: string): string[] {
    return this.share(share, `allinfo "${path}"`).said.match(/^@GMT-[\d.-]+$/gm) ?? [];
  }

  /** Names of the shares that the server lists to this member. */
  shares(): string[] {
    const { stdout } = spawnSync(
      "smbclient",
      ["--list", "127.0.0.1", "--port", PORT, "--authentication-file", this.#account, "--grepable"],
      { encoding: "utf8" },
    );
    return [...stdout.matchAll(/^Disk\|([^|]+)\|/gm)].map(([, share]) => share!).sort();
  }

  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
