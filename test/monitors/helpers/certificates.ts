import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A value of ASN.1 (X.690 section 8.1). */
function der(tag: number, content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), length, content]);
}

/** Alternative names, each a dNSName (RFC 5280 section 4.2.1.6). */
const namesInDer = (names: readonly string[]): Buffer =>
  der(0x30, Buffer.concat(names.map((name) => der(0x82, Buffer.from(name, "latin1")))));

/** An authority made for one test file, and the certificates that it signs, by openssl itself. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), "vigie-certificates-"));
  readonly pem: string;
  #serial = 1;

  constructor(name = "Vigie test authority") {
    this.#openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "3650",
      "-subj",
      `/CN=${name}/O=${name}`,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
    );
    this.pem = this.#read("ca.pem");
  }

  /**
   * A key and certificate for some names.
   * @param from,to validity, in days from now
   * @param also another extension, as openssl's configuration writes it
   * @param raw the names as they are in the certificate, whatever is in them: no tool would write these
   */
  issue(
    names: readonly string[],
    { from = -1, to = 90, raw = false, also = "" }: { from?: number; to?: number; raw?: boolean; also?: string } = {},
  ): { key: string; cert: string } {
    const serial = this.#serial++;
    const alternatives = raw
      ? `DER:${namesInDer(names).toString("hex")}`
      : names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(",");
    this.#openssl(
      "req",
      "-new",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      `/CN=${raw ? "raw" : names[0]}`,
      "-keyout",
      `${serial}.key`,
      "-out",
      `${serial}.csr`,
    );
    writeFileSync(join(this.#folder, "ext"), `subjectAltName=${alternatives}\n${also}\n`);
    // `openssl ca` is the one command of every version that sets both ends of the validity.
    writeFileSync(join(this.#folder, "index.txt"), "");
    writeFileSync(join(this.#folder, "serial"), `${serial.toString(16).padStart(4, "0")}\n`);
    writeFileSync(
      join(this.#folder, "ca.cnf"),
      [
        "[ca]",
        "default_ca=d",
        "[d]",
        "database=index.txt",
        "serial=serial",
        "new_certs_dir=.",
        "default_md=sha256",
        "policy=p",
        "unique_subject=no",
        "[p]",
        "commonName=supplied",
      ].join("\n"),
    );
    this.#openssl(
      "ca",
      "-batch",
      "-notext",
      "-config",
      "ca.cnf",
      "-cert",
      "ca.pem",
      "-keyfile",
      "ca.key",
      "-in",
      `${serial}.csr`,
      "-out",
      `${serial}.pem`,
      "-extfile",
      "ext",
      "-startdate",
      stamp(from),
      "-enddate",
      stamp(to),
    );
    return { key: this.#read(`${serial}.key`), cert: this.#read(`${serial}.pem`) };
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }
}

/** ASN.1 UTCTime/GeneralizedTime as openssl takes it: YYYYMMDDHHMMSSZ. */
const stamp = (days: number): string =>
  new Date(Date.now() + days * 86_400_000)
    .toISOString()
    .replace(/[-:T]/g, "")
    .replace(/\.\d+Z$/, "Z");
