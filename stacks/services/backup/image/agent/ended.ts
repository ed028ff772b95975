import type { Writable } from "node:stream";

/** Resolves once a stream has passed on all that it was given, or whoever read it has gone away. */
export const flushed = (stream: Writable): Promise<void> =>
  new Promise((done) => {
    if (stream.destroyed) return done();
    stream.once("error", () => done());
    stream.write("", () => done());
  });

/** Ends the program. At once, `process.exit` would drop what a pipe has no room for yet: the end of an archive, of a long list. */
export async function end(code: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(code);
}
