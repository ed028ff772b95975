/** Protocols that begin in clear and go over to TLS on demand. */
export const STARTTLS_PROTOCOLS = ["smtp", "submission", "imap", "pop3", "ldap", "postgres"] as const;
export type StartTlsProtocol = (typeof STARTTLS_PROTOCOLS)[number];
