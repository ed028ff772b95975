import { type Job, Refusal } from "../declaration.ts";

export const say = (words: string) => process.stdout.write(`${words}\n`);

/** A snapshot's id as it is typed, or a part of it. */
export const SNAPSHOT = /^[0-9a-f]{8,64}$/;

/** @throws {Refusal} naming those that there are */
export function jobNamed(jobs: readonly Job[], id: string): Job {
  const job = jobs.find((candidate) => candidate.id === id);
  if (!job)
    throw new Refusal(
      `there is no job "${id}"; there are ${jobs.map((candidate) => candidate.id).join(", ") || "none"}`,
    );
  return job;
}
