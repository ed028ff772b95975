import { describe, expect, it } from "vitest";
import { importGatus } from "../../../cli/import/gatus.ts";
import { declared } from "./declared.ts";

/** What the suite becomes. */
const suite = async (own: object, variables = {}) => {
  const made = await declared(
    importGatus(JSON.stringify({ suites: [{ name: "shop", ...own }] }), "gatus.yaml", variables),
  );
  return { ...made, journey: made.services.shop?.checks[0] };
};

describe("a suite of Gatus", () => {
  it("becomes a journey: steps in order, with what one finds carried to the next", async () => {
    const { journey, services, lost } = await suite({
      interval: "5m",
      timeout: "30s",
      context: { price: "19.99", base: { path: "items" } },
      endpoints: [
        {
          name: "create",
          url: "https://api.example/[CONTEXT].base.path",
          method: "POST",
          body: '{"name": "Test", "price": "[CONTEXT].price", "count": 2}',
          conditions: ["[STATUS] == 201", "len([BODY].id) > 0", "[BODY].price == [CONTEXT].price"],
          store: { "item-Id": "[BODY].data.id", state: "[STATUS]" },
          alerts: [{ type: "slack", "failure-threshold": 4 }],
        },
        {
          name: "look",
          url: "https://api.example/items/[CONTEXT].item-Id?full=1",
          headers: { Authorization: "Bearer [CONTEXT].item-Id", Cookie: "kept=by-itself" },
          conditions: ["[STATUS] == 200", "[BODY].id == [CONTEXT].item-Id", "[BODY].url == pat(*[CONTEXT].item-Id)"],
        },
        { name: "remove", url: "https://api.example/items/[CONTEXT].item-Id", method: "DELETE", "always-run": true },
      ],
    });
    expect(journey).toMatchObject({
      check: "journey",
      every: "300s",
      timeout: "30s",
      failAfter: 4,
      steps: [
        {
          name: "create",
          url: "https://api.example/items",
          json: { name: "Test", price: "19.99", count: 2 },
          conditions: ["[STATUS] == 201", "len([BODY].id) > 0", "[BODY].price == 19.99"],
          extract: { item_id: { json: "data.id" } },
        },
        {
          name: "look",
          url: "https://api.example/items/{item_id}?full=1",
          headers: { authorization: "Bearer {item_id}" },
          conditions: ["[STATUS] == 200", "[BODY].id == [CONTEXT].item_id"],
        },
        { name: "remove", url: "https://api.example/items/{item_id}", method: "DELETE" },
      ],
    });
    expect(services.shop?.delivery).toMatchObject({ url: "https://api.example/" });
    for (const words of [
      'suites[0] "shop": step "create", store state – only values of a JSON body are carried',
      'step "look", condition [BODY].url == pat(*[CONTEXT].item-Id) – a journey compares with the whole of what was found',
      'step "remove", always-run – a journey ends with the first step that fails',
    ])
      expect(lost).toContain(words);
  });

  it("signs in by a form whose password is a secret of the service, never written", async () => {
    const { journey, lost, written } = await suite(
      {
        endpoints: [
          { name: "in", url: "https://a.example/login", method: "POST", body: "user=lea&password=$PASSWORD" },
          { name: "home", url: "https://a.example/home", conditions: ["[BODY] == pat(*Léa*)"] },
        ],
      },
      { PASSWORD: "hunter2" },
    );
    expect(journey).toMatchObject({
      secrets: { secret: { secret: "shop" } },
      steps: [{ form: { user: "lea", password: "{secret}" } }, { conditions: ["[BODY] == pat(*Léa*)"] }],
    });
    expect(lost).toContain("the secret shop – its value is not written anywhere");
    expect(written.source).not.toContain("hunter2");
  });

  it.each([
    ["another protocol", [{ url: "tcp://db.example:5432" }], "no http(s) address"],
    ["a value that nothing found", [{ url: "https://a.example/[CONTEXT].id" }], "nothing known is called [CONTEXT].id"],
    ["another method", [{ url: "https://a.example/", method: "PATCH" }], "its method is PATCH"],
    [
      "a body of another kind",
      [{ url: "https://a.example/", method: "POST", body: "<a/>" }],
      "neither a form nor JSON",
    ],
    ["JSON that is a list", [{ url: "https://a.example/", method: "POST", body: "[1]" }], "is no object"],
    ["a secret in an address", [{ url: "https://a.example/?token=hunter2" }], "its url holds a secret"],
    [
      "two secrets",
      ["hunter2", "hunter3"].map((value) => ({ url: "https://a.example/", headers: { "X-Api-Key": value } })),
      "a second secret",
    ],
  ])("is told as a whole where a step has %s: without it, it would prove something else", async (_, endpoints, why) => {
    const { journey, lost, written } = await suite({ endpoints });
    expect(journey).toBeUndefined();
    expect(lost).toContain(why);
    expect(`${lost}${written.source}`).not.toMatch(/hunter/);
  });

  it("sends JSON as deep as it is, with a secret's name wherever one stands in it", async () => {
    const body = JSON.stringify({ user: { name: "lea", password: "hunter2" }, items: [{ id: 1 }, "[CONTEXT].what"] });
    const { journey, written } = await suite({
      context: { what: "boat" },
      endpoints: [{ url: "https://a.example/", method: "POST", body }],
    });
    expect(journey?.steps).toMatchObject([
      { json: { user: { name: "lea", password: "{secret}" }, items: [{ id: 1 }, "boat"] } },
    ]);
    expect(written.source).not.toContain("hunter2");
  });

  it("keeps two values apart whose names differ in case alone", async () => {
    const store = { itemId: "[BODY].a", itemid: "[BODY].b" };
    const { journey } = await suite({
      endpoints: [{ url: "https://a.example/", store }, { url: "https://a.example/[CONTEXT].itemId/[CONTEXT].itemid" }],
    });
    expect(journey?.steps).toMatchObject([
      { extract: { itemid: { json: "a" }, itemid_2: { json: "b" } } },
      { url: "https://a.example/{itemid}/{itemid_2}" },
    ]);
  });
});
