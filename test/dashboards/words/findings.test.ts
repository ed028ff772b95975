/// <reference types="vite/types/importMeta.d.ts" />
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../cli/places.ts";
import { findingWords } from "../../../dashboards/words/findings/index.ts";

const french = (message: string) => findingWords(message, "fr");

describe("what a check found, in French", () => {
  it.each([
    [
      "the certificate expires on 2026-12-01, in 3 d; expected at least 14 d more",
      "le certificat expire le 1er décembre 2026, dans 3 j ; il devrait lui rester au moins 14 j",
    ],
    ["not done within 10 s, while waiting for the answer", "rien au bout de 10 s (étape : attente de la réponse)"],
    ["status 503, expected 200 or 3xx", "code de réponse 503 au lieu de 200 ou 3xx"],
    [
      "[STATUS] is 503, expected 200; [RESPONSE_TIME] is 2.5 s, expected less than 500ms; and 3 more",
      "code de réponse 503, attendu : 200 ; réponse en 2,5 s, attendu : moins de 500ms ; et 3 de plus",
    ],
    [
      "step 2, log in: [STATUS] is 500, expected less than 400",
      "étape 2, log in : code de réponse 500, attendu : moins de 400",
    ],
    [
      "volume data of wiki has no snapshot; the last snapshot of volume db of wiki is 2 d 3 h old, expected 1 d 0 h at most",
      "le volume data de wiki n'a pas de sauvegarde ; la dernière sauvegarde du volume db de wiki date d'il y a 2 j 3 h ; attendu : 1 j 0 h au plus",
    ],
    [
      "example.org A: the name does not exist (NXDOMAIN) at 192.0.2.1",
      "example.org A : ce nom n'existe pas (NXDOMAIN) (serveur 192.0.2.1)",
    ],
    [
      "sda (SSD 870) 12 unreadable sectors or errors of the medium, expected 0 at most; failed its last self-test. sdb (SSD) 70 °C, expected 60 °C at most",
      "sda (SSD 870) 12 secteurs illisibles ou erreurs de support, attendu : 0 au plus ; a raté son dernier autotest. sdb (SSD) 70 °C, attendu : 60 °C au plus",
    ],
    [
      "the last good verification was at 2026-11-28T03:05Z, expected every 24 h at least",
      "la dernière bonne vérification date du 28 novembre 2026 à 03:05 UTC, une attendue toutes les 24 h au moins",
    ],
    ["1 message waits in the queue; expected 0 at most", "1 message attend dans la file ; attendu : 0 au plus"],
    ["12 messages wait in the queue; expected 1 at most", "12 messages attendent dans la file ; attendu : 1 au plus"],
    ["0 of 2 disks reported: sda", "0 disque a donné signe de vie, sur 2 : sda"],
    ['backup/job: 1 file could not be read: "/srv/a"', 'backup/job: 1 fichier n\'a pas pu être lu : "/srv/a"'],
  ])("says %j", (message, expected) => {
    const { text, lang } = french(message);
    expect({ text: text.replace(/[\u00a0\u202f]/g, " "), lang }).toEqual({ text: expected, lang: "fr" });
  });

  it("leaves what a machine said as it said it, were it words of ours", () => {
    const said = String.raw`"status 1, expected 2; \"the body\""`;
    expect(french(`expected "no" in the body, which begins ${said}`).text).toContain(said);
    expect(french(`[BODY] is ${said}, expected "ok"`).text.startsWith(`[BODY] vaut ${said}, attendu`)).toBe(true);
  });

  it("is English, and said to be, where there are no words for it; and in English always", () => {
    expect(french("bad record mac")).toEqual({ text: "bad record mac", lang: "en" });
    expect(findingWords("status 503, expected 200", "en")).toEqual({ text: "status 503, expected 200", lang: "en" });
  });

  it("keeps a text that looks like what we put in place of quotations from standing for another", () => {
    expect(french('expected "a" in \ue0000\ue001, which begins "b"').text).not.toContain('"a" dans "a"');
  });

  it("takes no longer for a text that is made to be matched over and over", () => {
    for (const piece of ["a, expected ; is : ", "; ", ": ", ", ", '"', "step 1, a: ", "volume a of b: "]) {
      const { text } = french(piece.repeat(100_000));
      expect(text.length).toBeGreaterThan(1000);
    }
  });
});

/** Sources whose sentences reach pages. Named so that who changes one of them runs this too (`vitest related`); none is loaded. */
const SOURCES = import.meta.glob([
  "/monitors/checks/*.ts",
  "/monitors/net/*.ts",
  "/monitors/engine/*.ts",
  "/monitors/sources/*.ts",
  "/monitors/conditions/{compile,value}.ts",
  "/monitors/history/history.ts",
  "/monitors/incidents/store.ts",
  "/monitors/web/acknowledge.ts",
  "/monitors/main.ts",
]);
/** Read by those who declare, operate Prometheus or debug, not on pages. */
const ELSEWHERE =
  /^(help|summary|error|description|headers|target|secrets|resolve|params|subject|text|authorization|options|query)$/;
const CALLS =
  /(refine|superRefine|regex|meta|log\.\w+|noPort|query|talk\.say|z\.url|z\.union|update|proof|same|new Malformed|new Script)$/;

/** A choice between one and several is read as several; what else is put into a sentence is `x1`. */
const valueIn = (put: ts.Expression): string =>
  isChoice(put) ? (put.arguments.at(-1) as ts.StringLiteral).text : "x1";
const isChoice = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) && node.expression.getText() === "english.form";

/** Every sentence in a source, with `x1` for what is put into it. */
function sentencesOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isChoice(node)) return;
    if (ts.isPropertyAssignment(node) && ELSEWHERE.test(node.name.getText())) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.arguments) {
      const name = `${ts.isNewExpression(node) ? "new " : ""}${node.expression.getText()}`;
      if (CALLS.test(name)) {
        visit(node.expression);
        return;
      }
    }
    const text =
      ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)
        ? node.text
        : ts.isTemplateExpression(node)
          ? node.head.text + node.templateSpans.map((span) => valueIn(span.expression) + span.literal.text).join("")
          : "";
    if (/[a-z]{2,} [a-z]{2,}/i.test(text.replaceAll("x1", ""))) found.push(text.trim());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  return found;
}

/** What may be put into a sentence: it has words where one of these finds them. */
const SAMPLES = ["x1", "7", '"said"', "2026-11-28T03:05Z"];

/** SQL, XML, and what is said in a protocol. */
const NO_SENTENCE = /^(SELECT|INSERT|DELETE|PRAGMA|CREATE|SET|EHLO|<)/;

/** Pieces of sentences; whole, they are in the examples below. */
const PIECES: readonly string[] = [
  "less than",
  "at most",
  "more than",
  "at least",
  "anything but",
  "there being x1",
  "is missing",
  "list of containers",
  "description of a disk",
  "the answer is no x1",
  "the machine cannot be reached",
  "the connection was cut before the answer was complete",
  "the name servers do not answer",
  "expired on x1",
  "not valid before x1",
  "not for x1: x1",
  "not trusted: x1; issued by x1",
  "expires on x1, in x1; expected at least x1 more",
  "the certificate is x1",
  "is expires",
  "(it leads to x1)",
  "x1 was not made by this stackx1: somebody made it by hand",
  "the job reported a failure x1 agox1",
  "the last success was x1 ago",
  "no success was ever reported",
  "x1; expected one every x1, x1 late at most",
  "the repository has never been verifiedx1",
  "the last good verification was at x1, expected every x1 h at leastx1",
  "the clock of host x1 is x1 s x1 the lookout's",
  "ahead of",
  "nothing has ever been copied",
  "the last good copy was at x1Z",
  "x1: x1, expected every x1 h at least",
  "the machine's resolver",
  "did not expect x1",
];

const WHOLE: readonly string[] = [
  "[STATUS] is 503, expected less than 400",
  "[ROWS] is 3, expected at most 2",
  "[LOSS] is 3, expected more than 5",
  "[BODY].a is 3, expected at least 5",
  "[BODY].a is 3, expected anything but 3",
  "there being [BODY].a is false, expected true",
  "[BODY].a is missing, expected 3",
  "http://gate:8: the answer is no list of containers",
  "http://gate:8: the answer is no description of a disk",
  "the machine cannot be reached (connect EHOSTUNREACH)",
  "the connection was cut before the answer was complete (other side closed)",
  "the name servers do not answer (queryA ETIMEOUT example.org)",
  "the certificate is expired on 2026-11-01",
  "the certificate is not valid before 2026-11-01",
  "the certificate is not for a.example: b.example, c.example",
  "the certificate is not trusted: it is signed by itself, by no authority; issued by nobody",
  "the certificate expires on 2026-12-01, in 5 h; expected at least 14 d more",
  'status 301 (it leads to "/x"), expected 207',
  "web was not made by this stack: somebody made it by hand",
  "web was not made by this stack for wiki: somebody made it by hand",
  "the job reported a failure 3 min ago",
  'the job reported a failure 3 min ago: "disk"',
  "the last success was 3 h ago; expected one every 60 min, 5 min late at most",
  "no success was ever reported; expected one every 60 min, 5 min late at most",
  "the repository has never been verified",
  "the repository has never been verified: ENOSPC",
  "the last good verification was at 2026-11-01T03:00Z, expected every 24 h at least",
  "the last good verification was at 2026-11-01T03:00Z, expected every 24 h at least: ENOSPC",
  "the clock of host nas is 90 s ahead of the lookout's",
  "the clock of host nas is 90 s behind the lookout's",
  "annexe: nothing has ever been copied, expected every 24 h at least",
  "annexe: the last good copy was at 2026-11-01T03:00Z, expected every 24 h at least",
  "not done within 5 s, while asking the machine's resolver",
  "example.org A: did not expect 192.0.2.1; found 192.0.2.1",
];

/** What pages do not show: told to a job, to Prometheus, to whoever filled in a form; or a reason to stop. */
const NOT_SHOWN: readonly string[] = [
  "Nobody is signed in: open this page through the proxy.",
  "This form was sent from elsewhere.",
  "There is no such incident, or it is over.",
  "no job is called x1",
  "the exporter stops",
  "no such container",
  "registered until x1",
  "x1 could not be read: x1",
  "no report is attached",
  "`x1`: x1 has no port `x1` that is reached from here",
  "an absolute address: x1 has no host name",
  "a `url`, or `publish: { status: … }`: the port `status` of x1 is not reached from here",
  "an `address` `host:port`, or a reachable port of x1 (x1)",
  "it has none",
];

describe("every sentence of a check", () => {
  it("has French words", () => {
    const said = new Set(Object.keys(SOURCES).flatMap((path) => sentencesOf(join(ROOT, path))));
    const inEnglish = [...said].filter(
      (text) => !NO_SENTENCE.test(text) && SAMPLES.every((one) => french(text.replaceAll("x1", one)).lang === "en"),
    );
    // None is missing, and none of the exceptions is left over.
    expect(inEnglish.sort()).toEqual([...PIECES, ...NOT_SHOWN].sort());
  });

  it.each(WHOLE)("has French words where it is put together: %s", (message) => {
    const { text, lang } = french(message);
    expect(lang).toBe("fr");
    expect(text).not.toMatch(/ (is|was|not|the|expected|at|least|most|of) /);
  });
});
