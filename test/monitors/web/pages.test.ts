import { describe, expect, it } from "vitest";
import type { SitePage, Steps } from "../../../dashboards/site.ts";
import { Pages } from "../../../monitors/web/pages.ts";
import { people } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";

const asked = { params: {}, query: {} };

async function started() {
  const { lookout } = await startLookout({ start: false });
  return { lookout, pages: new Pages(lookout, people()) };
}

const page = (render: () => string | undefined | Steps, maxAgeMs?: number): SitePage => ({
  path: "/trial",
  audience: "public",
  render,
  ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
});

describe("a page", () => {
  it("that takes long is made in turns, once for all who ask for it meanwhile", async () => {
    const { pages } = await started();
    let made = 0;
    let others = 0;
    const slow = page(function* () {
      made++;
      for (let step = 0; step < 5; step++) {
        for (const end = performance.now() + 6; performance.now() < end; );
        yield;
      }
      return `after ${others > 0 ? "others" : "nobody else"}`;
    });
    const ticking = setInterval(() => others++, 1);
    const answers = await Promise.all(Array.from({ length: 4 }, () => pages.get(slow, "en", asked)));
    clearInterval(ticking);
    expect(new Set(answers.map((answer) => String(answer?.body)))).toEqual(new Set(["after others"]));
    expect(made).toBe(1);
  });

  it("is made anew for who asks after a change that came while it was being made", async () => {
    const { pages, lookout } = await started();
    let made = 0;
    const slow = page(function* () {
      const mine = ++made;
      yield;
      return String(mine);
    });
    const before = pages.get(slow, "en", asked);
    lookout.noteChange();
    const after = pages.get(slow, "en", asked);
    expect([String((await before)?.body), String((await after)?.body)]).toEqual(["1", "2"]);
  });

  it("that could not be made, or does not exist, is looked for again", async () => {
    const { pages } = await started();
    let asks = 0;
    const late = page(() => {
      asks++;
      if (asks === 1) throw new Error("broken");
      return asks === 2 ? undefined : "there";
    });
    await expect(pages.get(late, "en", asked)).rejects.toThrow("broken");
    expect(await pages.get(late, "en", asked)).toBeUndefined();
    expect(String((await pages.get(late, "en", asked))?.body)).toBe("there");
  });

  it("says the charset that its bytes are in", async () => {
    const { pages } = await started();
    const typed = { ...page(() => "é"), type: "image/svg+xml" };
    expect(await pages.get(typed, "en", asked)).toMatchObject({
      type: "image/svg+xml; charset=utf-8",
      body: Buffer.from("é"),
    });
  });
});
