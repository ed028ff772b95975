import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

/** The authorities that certificates may come from. */
export interface Trust {
  /** Shared by all connections: reading a hundred and fifty authorities takes milliseconds. */
  secureContext(): SecureContext | undefined;
}

/** What Node and the system trust, and the authorities added: `pem` may hold several certificates. */
export function makeTrust(): Trust & { add(pem: string): void } {
  const added = new Set<string>();
  let context: SecureContext | undefined;
  return {
    secureContext() {
      context ??= createSecureContext({
        ca: [...new Set([...getCACertificates("default"), ...getCACertificates("system"), ...added])],
      });
      return context;
    },
    add(pem) {
      // Refuses what is not a certificate, before it could break every connection.
      createSecureContext({ ca: pem });
      if (added.has(pem)) return;
      added.add(pem);
      context = undefined;
    },
  };
}
