import { X509Certificate } from "node:crypto";
import { createSecureContext, DEFAULT_CIPHERS, getCACertificates, type SecureContext } from "node:tls";

/**
 * Without Diffie-Hellman in groups that a server makes up: one of 10 000 bits takes half a second, in which nothing else is done.
 * Browsers have given it up for years (RFC 9325 section 4.1 advises against it); elliptic curves and the groups of TLS 1.3 stay.
 */
export const CIPHERS = `${DEFAULT_CIPHERS}:!DHE`;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The authorities that certificates may come from. */
export interface Trust {
  /** Shared by all connections: reading a hundred and fifty authorities takes milliseconds. */
  secureContext(): SecureContext | undefined;
  /** Their certificates in PEM, for libraries that make their own context. */
  authorities(): readonly string[];
}

/** What Node and the system trust, and the authorities added: `pem` may hold several certificates. */
export function makeTrust(): Trust & { add(pem: string): void } {
  const added = new Set<string>();
  let context: SecureContext | undefined;
  const authorities = () => [...new Set([...getCACertificates("default"), ...getCACertificates("system"), ...added])];
  return {
    authorities,
    secureContext() {
      context ??= createSecureContext({ ca: authorities(), ciphers: CIPHERS });
      return context;
    },
    add(pem) {
      const certificates = pem.match(CERTIFICATE) ?? [];
      if (certificates.length === 0) throw new Error("no certificate in PEM (RFC 7468)");
      // Throws on what is none, before it could break every connection.
      for (const certificate of certificates) new X509Certificate(certificate);
      if (added.has(pem)) return;
      added.add(pem);
      context = undefined;
    },
  };
}
