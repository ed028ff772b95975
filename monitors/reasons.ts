/**
 * Why a check failed, as a word for machines. History keeps the number: only ever add at the end, never reuse one.
 * 0 is kept for success.
 */
export const REASONS = {
  /** The check itself is broken, or met something it does not know: a bug of ours until proven otherwise. */
  internal: 1,
  /** Not done within the check's time-out. */
  timeout: 2,
  /** The name has no address. */
  "name-not-found": 3,
  /** The resolver failed or did not answer. */
  "resolver-failed": 4,
  /** The port is closed (RST, ECONNREFUSED). */
  refused: 5,
  /** No route, or the machine does not answer at all. */
  unreachable: 6,
  /** The connection was cut before the answer was complete. */
  closed: 7,
  /** The answer does not follow its protocol. */
  malformed: 8,
  /** More came than the check may read. */
  "too-large": 9,
  /** Redirects in circles, too many, or to somewhere that the declaration does not allow. */
  redirect: 10,
  "wrong-status": 11,
  "wrong-header": 12,
  "wrong-body": 13,
  "wrong-json": 14,
  /** The server did not say what was expected of it. */
  "wrong-reply": 15,
  /** TLS could not be agreed on. */
  handshake: 16,
  /** The certificate's time is over. */
  expired: 17,
  /** The certificate is still good, but not for long enough. */
  "expires-soon": 18,
  "not-yet-valid": 19,
  /** The certificate is for another name. */
  "wrong-name": 20,
  /** The certificate does not lead to an authority that is trusted. */
  untrusted: 21,
  /** The name exists, without a record of that type. */
  "no-record": 22,
  /** The records are not the expected ones. */
  "wrong-record": 23,
  /** No container of that name. */
  missing: 24,
  exited: 25,
  unhealthy: 26,
  /** Has been starting for longer than it may. */
  "starting-too-long": 27,
  restarting: 28,
  paused: 29,
  /** The gate of the host's engine cannot be asked. */
  "gate-unreachable": 30,
  "no-snapshot": 31,
  "too-old": 32,
  "repository-unreachable": 33,
  "wrong-password": 34,
  /** There is no repository at that address. */
  "repository-missing": 35,
  /** The exporter's configuration lacks what the check needs. */
  "not-configured": 36,
  // Numbers from 40 to 69 are kept for checks of single machines and protocols.
  /** The answer is right and took longer than it may. */
  "too-slow": 40,
  /** Another address than the expected one. */
  "wrong-address": 41,
  /** Open where closed was expected, or the other way round. */
  unexpected: 42,
  /** An older protocol than the check accepts, or another one. */
  "weak-protocol": 43,
  /** DNSSEC: the resolver has not verified the answer. */
  "not-authenticated": 44,
  /** DNSSEC: the answer's signatures are wrong. */
  bogus: 45,
  /** Name servers of one zone have different versions of it. */
  "serials-differ": 46,
  "packet-loss": 47,
  jitter: 48,
  /** The server showed another key than the declared one. */
  "wrong-key": 49,
  /** The server knows no such share, folder, database or address book. */
  "no-such-thing": 50,
  /** The server forbids what was asked for. */
  forbidden: 51,
  /** The query failed. */
  "query-failed": 52,
  "wrong-rows": 53,
  "domain-expires-soon": 54,
  /** The domain is not registered (any more), or on its way out. */
  "domain-lapsed": 55,
  /** Neither RDAP nor WHOIS told when the registration ends. */
  "registry-silent": 56,
  /** No success was reported for longer than agreed. */
  "no-signal": 57,
  /** The job itself reported that it failed. */
  "reported-failure": 58,
  /** The job began and has not ended within the time that it may take. */
  "running-too-long": 59,
  "disk-full": 60,
  "inodes-full": 61,
  /** A secret or key has been in use for longer than it may. */
  "over-age": 62,
  /** What runs is not what was declared. */
  drifted: 63,
  /** A step of a journey found nothing to carry over to the next. */
  "nothing-extracted": 64,
  /** The program that looks is missing or broke: a fault of the lookout's image. */
  "tool-failed": 65,
  /** A share is close to its quota, or past it. */
  "share-full": 66,
  /** Former states of a share are not made. */
  "versions-missing": 67,
  /** A disk says of itself that it fails, or shows the signs of it. */
  "disk-failing": 68,
  /** The lookout's own network is down: nothing is known about the target. */
  "own-network": 90,
  /** The last run of a backup failed, for a reason that has no word of its own. */
  "backup-failed": 80,
  "destination-full": 81,
  /** What was restored could not be started, or is not what was saved. */
  "restore-failed": 82,
  /** The backup agent does not answer, or not as the one that knows the key. */
  "agent-unreachable": 83,
  /** A clock is wrong: the agent's, or whoever dated a snapshot. */
  "clock-wrong": 84,
  /** A snapshot that the policy keeps is no longer there. */
  "snapshot-missing": 85,
  /** A snapshot holds far less than those before it. */
  shrunk: 86,
  /** A snapshot holds nothing, and those before it did. */
  "empty-source": 87,
  /** The repository's index, snapshots or data do not hold together. */
  "repository-damaged": 88,
  /** A database's copy could not be made, or is not whole. */
  "dump-failed": 89,
  /** Messages wait in the mail server's queue. */
  "queue-grows": 70,
  /** A mailbox is almost full. */
  "box-full": 71,
  /** The key that signs mail has been in use for too long. */
  "key-old": 72,
  /** Our own mail was taken for spam. */
  "taken-for-spam": 73,
} as const;

export type Reason = keyof typeof REASONS;

const BY_CODE = new Map<number, Reason>(Object.entries(REASONS).map(([reason, code]) => [code, reason as Reason]));

/** The word of a number kept in history; `internal` for one that a newer version wrote. */
export const reasonOf = (code: number): Reason => BY_CODE.get(code) ?? "internal";
