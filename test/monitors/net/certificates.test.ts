import type { PeerCertificate } from "node:tls";
import { expect, it } from "vitest";
import { opensslWords, wrongIdentity } from "../../../monitors/net/certificates.ts";
import { describeError } from "../../../monitors/net/failure.ts";

const certificate = (own: Record<string, unknown>) => own as unknown as PeerCertificate;

it("a certificate without alternative names is nobody's, whatever its common name says", () => {
  const subject = { CN: "wiki.example" };
  expect(wrongIdentity("wiki.example", certificate({ subject }))).toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
  expect(wrongIdentity("wiki.example", certificate({ subject, subjectaltname: "DNS:wiki.example" }))).toBeUndefined();
  expect(wrongIdentity("wiki.example", certificate({ subject, subjectaltname: "DNS:other.example" }))).toBeDefined();
});

it("what OpenSSL says is told without where in its source it was said", () => {
  const said =
    "405DA6A38F7F0000:error:0A000098:SSL routines:read_state_machine:excessive message size:../ssl/statem/statem.c:635:\n";
  expect(opensslWords(said)).toBe("excessive message size");
  expect(opensslWords("socket hang up")).toBe("socket hang up");
});

it("a chain that ends nowhere is told in words that a volunteer can act on, not as advice about Node", () => {
  const error = Object.assign(new Error("unable to verify the first certificate; try running Node.js with --x"), {
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  });
  expect(describeError(error, "untrusted")).toBe(
    "the certificate is not trusted: its authority is not known here, or the server leaves out an intermediate certificate",
  );
});
