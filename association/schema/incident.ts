import { z } from "zod";
import { moment } from "./maintenance.ts";
import { localText, ref } from "./values.ts";

/** Part of the address of an incident's page; its file's name. */
export const incidentId = z
  .string()
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    "a file name of lower-case words and numbers joined by single hyphens, such as 2027-01-31-no-mail",
  )
  .max(80);

/** Text for people over several lines, in Markdown. HTML in it is shown as text. */
const prose = z.string().trim().min(1, "some text").max(20_000);

const localProse = z.strictObject({
  /** In French: members read this one. */
  fr: prose,
  /** In English. */
  en: prose,
});

/** An incident that somebody writes down: what happened, and what was learnt. Everybody reads it, unless its services are internal. */
export const incident = z.strictObject({
  /** What it is called, in a few words: members read it. */
  title: localText,
  /** The services that did not work as they should. */
  services: z.array(ref("service")).min(1, "at least one service"),
  /** `minor`: some discomfort; `major`: a service lost; `critical`: everything is hit. */
  severity: z.enum(["minor", "major", "critical"]).default("major"),
  /** When members were first concerned. */
  started: moment,
  /** When somebody knew of it. */
  detected: moment.optional(),
  /** When it was over; while it goes on, nothing. */
  resolved: moment.optional(),
  /** What was found and done, in any order. */
  updates: z
    .array(
      z.strictObject({
        /** When. */
        at: moment,
        /** Where work on it stood then. */
        status: z.enum(["investigating", "identified", "monitoring", "resolved"]),
        /** What was found or done; members read it. */
        text: localProse,
      }),
    )
    .max(200)
    .default([]),
  /** What happened, why, and what is done so that it does not come again. */
  postmortem: localProse.optional(),
});
