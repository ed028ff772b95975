import { isIP } from "node:net";
import { z } from "zod";
import { secret, secretFile } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { parseAddress } from "../net/address.ts";
import type { Reason } from "../reasons.ts";
import { MissingProgram, runProgram } from "./_program.ts";
import { redactor } from "./_redact.ts";
import { readSecret } from "./_secret.ts";
import { addressParam, withAddress } from "./_stream.ts";
import { matches, textCondition, wanted } from "./_text.ts";

/** Names that cannot end the command in which smbclient reads them. */
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N} ._()+@-]*$/u;

const params = z.strictObject({
  /** Where to connect: `host:port`, or the name of one of the service's own ports; its port `smb` when left out. */
  address: addressParam.optional(),
  /** The share. */
  share: z.string().max(80).regex(PLAIN, "a share's name"),
  /** Who the lookout signs in as. */
  login: z.string().max(80).regex(PLAIN, "a login"),
  /** The password. */
  password: secret,
  /** A file in the share to read, such as `procedures/accueil.txt`; the share is listed only when left out. */
  file: z
    .string()
    .max(300)
    .refine((path) => path.split("/").every((part) => PLAIN.test(part) && part !== ".."), "a path within the share")
    .optional(),
  /** What the file must hold. */
  expect: textCondition.optional(),
});

/** What the server's own words mean (MS-ERREF section 2.3). */
const STATUSES: readonly (readonly [words: RegExp, reason: Reason])[] = [
  [
    /NT_STATUS_(LOGON_FAILURE|ACCOUNT_LOCKED_OUT|ACCOUNT_DISABLED|PASSWORD_EXPIRED|WRONG_PASSWORD|NO_SUCH_USER)/,
    "wrong-password",
  ],
  [/NT_STATUS_(ACCESS_DENIED|NETWORK_ACCESS_DENIED)/, "forbidden"],
  [/NT_STATUS_(BAD_NETWORK_NAME|OBJECT_NAME_NOT_FOUND|OBJECT_PATH_NOT_FOUND|NO_SUCH_FILE)/, "no-such-thing"],
  [/NT_STATUS_CONNECTION_REFUSED/, "refused"],
  [/NT_STATUS_(HOST_UNREACHABLE|NETWORK_UNREACHABLE|IO_TIMEOUT)/, "unreachable"],
  [/NT_STATUS_(CONNECTION_RESET|CONNECTION_DISCONNECTED|END_OF_FILE)/, "closed"],
  [/NT_STATUS_(INVALID_NETWORK_RESPONSE|INVALID_PARAMETER)|protocol negotiation failed/, "malformed"],
];

/** How much of a file is read, in bytes. */
const MOST_READ = 1024 * 1024;

export default defineCheck({
  summary: "A share lets one sign in, lists its folder and, where asked, gives a file (SMB 3, MS-SMB2)",
  params,
  resolve: (own, context) => withAddress(own, context, "smb"),
  secrets: ({ password }) => [password],
  target: ({ address, share, file }) => `//${address ?? ""}/${share}${file === undefined ? "" : `/${file}`}`,
  measures: {
    entries: { help: "Entries in the listing." },
    file_bytes: { help: "Size of the file read." },
  },
  run: async ({ address, share, login, password: ref, file, expect }, { signal, resources, step }) => {
    const target = parseAddress(address ?? "");
    if (target === undefined) return failed("not-configured", "this check has no address");
    const password = await readSecret(ref);
    if (password === undefined) return failed("not-configured", `${secretFile(ref)} cannot be read`);
    const addresses = isIP(target.host) ? [target.host] : await resources.resolver.lookup(target.host, signal);
    step("signing in", `${login} at //${addresses[0]}/${share}`);
    const command = file === undefined ? "ls" : `get "${file.replaceAll("/", "\\")}" -`;
    const options = ["-I", addresses[0]!, "-p", String(target.port), "-m", "SMB3", "-U", login, "-c", command];
    // A file's content comes to the output, and what the program has to say then elsewhere; a listing is what it has to say.
    if (file !== undefined) options.unshift("-E");
    let ran: Awaited<ReturnType<typeof runProgram>>;
    try {
      ran = await runProgram("smbclient", [`//${target.host}/${share}`, ...options], {
        signal,
        stdin: `${password}\n`,
        // The password comes in by a file descriptor: arguments and environments can be read by others.
        env: { PASSWD_FD: "0" },
        most: MOST_READ,
      });
    } catch (error) {
      if (error instanceof MissingProgram) return failed("tool-failed", error.message);
      throw error;
    }
    const redact = redactor([password]);
    const said = `${ran.stderr}\n${file === undefined ? ran.stdout : ""}`;
    if (ran.code !== 0 && !ran.cut) {
      const lines = said.split("\n");
      const line =
        lines.find((one) => one.includes("NT_STATUS")) ?? lines.find((one) => /fail|error/i.test(one)) ?? said;
      const words = redact(line.trim()).slice(0, 200) || `nothing, and ends with ${ran.code}`;
      return failed(STATUSES.find(([pattern]) => pattern.test(said))?.[1] ?? "tool-failed", `smbclient says: ${words}`);
    }
    if (file === undefined) {
      const entries = ran.stdout.split("\n").filter((line) => /^ {2}\S.* +[ADHNRS]* +\d+ {2}\w{3} /.test(line)).length;
      return entries > 0
        ? good({ measures: { entries } })
        : failed("wrong-reply", "the listing is empty: not even the folder itself is in it");
    }
    const measures = { file_bytes: Buffer.byteLength(ran.stdout) };
    if (expect === undefined || matches(expect, ran.stdout)) return good({ measures });
    if (ran.cut)
      return failed("too-large", `expected ${wanted(expect)} in the first ${MOST_READ} bytes of ${file}`, { measures });
    return failed("wrong-body", `expected ${wanted(expect)} in ${file}`, { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    smb: z.input<typeof params>;
  }
}
