import { z } from "zod";
import { schedule, shortestGapSeconds } from "./schedule.ts";
import { cost, day, duration, hostname, identifier, localText, port, reason, ref, webAddress } from "./values.ts";

/** How the service exists: run by us, bought from a supplier, or still a project (N42). */
const delivery = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("us"),
    /** Which folder of `stacks/services/` deploys it. */
    kind: z.string(),
    /** The host it runs on. */
    host: ref("host"),
    /** What this kind of service lets one set; see its `kind.ts`. */
    settings: z.unknown().optional(),
    /** Ports opened on the host, by the kind's port names; a kind's usual ones when left out. */
    publish: z.record(z.string(), port).optional(),
  }),
  z.strictObject({
    by: z.literal("supplier"),
    /** Who runs it for us. */
    supplier: ref("supplier"),
    /** Where members find it. */
    url: webAddress.optional(),
  }),
  z.strictObject({
    by: z.literal("project"),
    /** The gate the project has reached: opportunity study, preliminary study, or build. */
    gate: z.enum(["opportunity", "study", "build"]),
    /** What has to be decided or done to pass the next gate. */
    next: localText,
  }),
]);

/** What every check has, whatever its kind; the rest of its fields are the kind's own parameters. */
export const checkBase = z.looseObject({
  /** The kind of check: a file of `monitors/checks/`. */
  check: z.string(),
  /** Tells apart two checks of one kind on one service; the kind's name when left out. */
  id: identifier.optional(),
  /** When it runs: a pace such as `1m`, or a cron expression. */
  every: schedule.default({ everySeconds: 60 }),
  /** How long one attempt may take. */
  timeout: duration.default(10),
  /** Attempts made after a failed one, within the same run. */
  retries: z.number().int().min(0).max(5).default(0),
  /** Consecutive failed runs before it counts as down. */
  failAfter: z.number().int().min(1).max(100).default(2),
  /** Consecutive good runs before it counts as up again. */
  recoverAfter: z.number().int().min(1).max(100).default(1),
  /** `page` wakes the role on call, `ticket` waits for the evening. */
  severity: z.enum(["page", "ticket"]).default("page"),
});

/** Snapshots of all of the service's volumes. */
const backupPolicy = z.strictObject({
  /** When a snapshot is taken. */
  schedule: schedule
    .refine((when) => shortestGapSeconds(when) >= 60, "at least a minute from one snapshot to the next")
    .default({ cron: "0 3 * * *" }),
  /** How many snapshots are kept of each period. */
  keep: z
    .strictObject({
      daily: z.number().int().min(0).default(7),
      weekly: z.number().int().min(0).default(5),
      monthly: z.number().int().min(0).default(12),
      yearly: z.number().int().min(0).default(2),
    })
    .refine((keep) => Object.values(keep).some((count) => count > 0), "at least one snapshot to keep")
    .prefault({}),
  /** Recovery point objective: how much recent work may be lost. */
  rpo: duration.prefault("2d"),
  /** Recovery time objective: how long it may take to have the service back. */
  rto: duration.prefault("1d"),
  /** How often a restore is to be proven: snapshots restored into scratch and the service started on them (`npm run prove`). */
  prove: duration.prefault("7d"),
});

/** An entry of the register of processing activities (GDPR article 30). */
const privacyEntry = z.strictObject({
  /** Why the data is processed. */
  purpose: localText,
  /** Which data, for instance names, mail addresses, photographs. */
  data: z.array(localText).min(1),
  /** Whose data: members, parents, pupils, suppliers … */
  subjects: z.array(localText).min(1),
  /** The ground it rests on (GDPR article 6). */
  legalBasis: z.enum([
    "consent",
    "contract",
    "legal-obligation",
    "vital-interests",
    "public-task",
    "legitimate-interests",
  ]),
  /** How long it is kept after the member has left. */
  retention: duration,
  /** Who receives it outside the association. */
  recipients: z.array(ref("supplier")).default([]),
});

/** What members may count on. Runs of the declared checks that page count, announced work left out. */
const objective = z.strictObject({
  /** The share of runs that succeed, in percent. */
  availability: z.number().min(50, "a percentage from 50 to 99.999").max(99.999, "a percentage from 50 to 99.999"),
  /** The time over which it is counted. */
  over: duration.refine((seconds) => seconds >= 86_400 && seconds <= 90 * 86_400, "from 1d to 90d").prefault("30d"),
});

/** What is left out, with the reason. */
export const without = z.strictObject({
  /** Why; reviewers read it. */
  none: reason,
});

/** What is decided about a service's new versions (N31). */
const upgrades = z.strictObject({
  /** Install them, try them on another stack first, or wait. */
  decision: z
    .discriminatedUnion("do", [
      z.strictObject({
        /** New versions are installed. */
        do: z.literal("adopt"),
        /** How long an update may be left waiting before its owner is told. */
        within: duration.prefault("30d"),
      }),
      z.strictObject({
        /** They are tried on another stack first. */
        do: z.literal("test"),
        /** The stack that it is tried on; on others `upgrade` refuses. */
        on: z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/, "a stack's name"),
        /** Why it is not simply adopted; reviewers read it. */
        why: reason,
      }),
      z.strictObject({
        /** They have to wait. */
        do: z.literal("wait"),
        /** The day from which it may be adopted. */
        until: day,
        /** Why it has to wait; reviewers read it. */
        why: reason,
      }),
    ])
    .prefault({ do: "adopt" }),
  /** How long a new version has to pass every check before it is kept; it goes back by itself otherwise. */
  soak: duration.prefault("2m"),
});

/** One system of the association, deployed by us or not. */
export const service = z.strictObject({
  /** What members call it. */
  name: localText,
  /** What it lets them do. */
  purpose: localText,
  /** The needs it covers, by their ids (`N12`). */
  needs: z.array(z.string().regex(/^N\d+$/, "a need's id such as N12")).default([]),
  /** The role that answers for it and receives its alerts. */
  owner: ref("role"),
  /** How it exists. */
  delivery,
  /** The host name it answers at, over https, through the proxy. */
  hostname: hostname.optional(),
  /** Who sees it on the status page: everybody, or only the internal pages. */
  audience: z.enum(["public", "internal"]).default("public"),
  /** Services it cannot work without. */
  dependsOn: z.array(ref("service")).default([]),
  /** How the lookout knows that it works. */
  checks: z.array(checkBase).min(1, "at least one check"),
  /** What members may count on, where the association wants to hold itself to it. */
  slo: objective.optional(),
  /** How its data is kept safe, or why there is nothing to keep. */
  backup: z.union([backupPolicy, without], 'a policy, or `{ none: "why" }`'),
  /** What is decided about its new versions. */
  upgrades: upgrades.prefault({}),
  /** Its own page of procedures: a file of `runbooks/services/`. */
  runbook: z.string().min(1, "a name"),
  /** Its entry in the GDPR register, or why it needs none (N35). */
  privacy: z.union([privacyEntry, without], 'an entry, or `{ none: "why" }`'),
  /** What it costs, besides its host and supplier. */
  cost: cost.optional(),
});

export type Service = z.output<typeof service>;
