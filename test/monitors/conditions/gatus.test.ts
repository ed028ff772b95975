import { describe, expect, test } from "vitest";
import { conditionsOf, type Facts } from "../../../monitors/conditions/compile.ts";

const HOUR = 3_600_000;

/** What one run found, from the few things that a row is about. */
const facts = (found: Record<string, unknown>): Facts => {
  const numbers: Record<string, number> = {};
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(found)) {
    if (typeof value === "number") numbers[name] = value;
    else if (typeof value === "string") texts[name] = value;
  }
  const { BODY: body } = found;
  return {
    numbers,
    texts,
    ...(typeof found.CONNECTED === "boolean" ? { truths: { CONNECTED: found.CONNECTED } } : {}),
    ...(body === undefined
      ? {}
      : { body: { text: () => (typeof body === "string" ? body : JSON.stringify(body)), cut: false } }),
  };
};

/** Conditions as the documentation of Gatus has them, what makes each hold, and what does not. */
const ROWS: readonly (readonly [string, holds: readonly object[], not: readonly object[]])[] = [
  // Its table of examples.
  ["[STATUS] == 200", [{ STATUS: 200 }], [{ STATUS: 201 }, { STATUS: 404 }, {}]],
  ["[STATUS] < 300", [{ STATUS: 200 }, { STATUS: 299 }], [{ STATUS: 300 }, { STATUS: 500 }]],
  ["[STATUS] <= 299", [{ STATUS: 200 }, { STATUS: 299 }], [{ STATUS: 300 }]],
  ["[STATUS] > 400", [{ STATUS: 401 }, { STATUS: 503 }], [{ STATUS: 400 }, { STATUS: 200 }]],
  ["[STATUS] >= 400", [{ STATUS: 400 }], [{ STATUS: 399 }]],
  ["[STATUS] != 500", [{ STATUS: 200 }], [{ STATUS: 500 }]],
  ["[STATUS] == any(200, 429)", [{ STATUS: 200 }, { STATUS: 429 }], [{ STATUS: 201 }]],
  ["[STATUS] != any(500,502,503)", [{ STATUS: 200 }], [{ STATUS: 502 }]],
  ["any(200, 429) == [STATUS]", [{ STATUS: 429 }], [{ STATUS: 404 }]],
  ["[STATUS] == pat(2*)", [{ STATUS: 204 }], [{ STATUS: 302 }]],
  ["200 == [STATUS]", [{ STATUS: 200 }], [{ STATUS: 201 }]],
  ["300 > [STATUS]", [{ STATUS: 200 }], [{ STATUS: 301 }]],
  ["[CONNECTED] == true", [{ CONNECTED: true }], [{ CONNECTED: false }]],
  ["[CONNECTED] == false", [{ CONNECTED: false }], [{ CONNECTED: true }]],
  ["[CONNECTED] != true", [{ CONNECTED: false }], [{ CONNECTED: true }]],
  ["[RESPONSE_TIME] < 500", [{ RESPONSE_TIME: 100 }, { RESPONSE_TIME: 499 }], [{ RESPONSE_TIME: 500 }]],
  ["[RESPONSE_TIME] <= 500", [{ RESPONSE_TIME: 500 }], [{ RESPONSE_TIME: 501 }]],
  ["[RESPONSE_TIME] > 500", [{ RESPONSE_TIME: 750 }], [{ RESPONSE_TIME: 500 }]],
  ["[RESPONSE_TIME] < 1s", [{ RESPONSE_TIME: 999 }], [{ RESPONSE_TIME: 1000 }]],
  ["[RESPONSE_TIME] < 1m30s", [{ RESPONSE_TIME: 89_000 }], [{ RESPONSE_TIME: 90_000 }]],
  ["[RESPONSE_TIME] >= 1500ms", [{ RESPONSE_TIME: 1500 }], [{ RESPONSE_TIME: 1499 }]],
  ["[IP] == 127.0.0.1", [{ IP: "127.0.0.1" }], [{ IP: "0.0.0.0" }]],
  ["[IP] != 127.0.0.1", [{ IP: "10.0.0.1" }], [{ IP: "127.0.0.1" }]],
  ["[IP] == pat(192.168.*)", [{ IP: "192.168.0.9" }], [{ IP: "193.168.0.9" }, { IP: "8.192.168.1" }]],
  ["[IP] == any(1.1.1.1, 1.0.0.1)", [{ IP: "1.0.0.1" }], [{ IP: "1.1.1.10" }]],
  ["[IP] == pat(2001:db8:*)", [{ IP: "2001:db8::7" }], [{ IP: "2001:db9::7" }]],
  ["[DNS_RCODE] == NOERROR", [{ DNS_RCODE: "NOERROR" }], [{ DNS_RCODE: "NXDOMAIN" }]],
  ["[DNS_RCODE] == any(NXDOMAIN, REFUSED)", [{ DNS_RCODE: "REFUSED" }], [{ DNS_RCODE: "SERVFAIL" }]],
  [
    "[CERTIFICATE_EXPIRATION] > 48h",
    [{ CERTIFICATE_EXPIRATION: 49 * HOUR }],
    [{ CERTIFICATE_EXPIRATION: 48 * HOUR }, { CERTIFICATE_EXPIRATION: HOUR }, { CERTIFICATE_EXPIRATION: -HOUR }, {}],
  ],
  [
    "[CERTIFICATE_EXPIRATION] > 2419200000",
    [{ CERTIFICATE_EXPIRATION: 60 * 24 * HOUR }],
    [{ CERTIFICATE_EXPIRATION: HOUR }],
  ],
  ["[CERTIFICATE_EXPIRATION] >= 1h30m", [{ CERTIFICATE_EXPIRATION: 1.5 * HOUR }], [{ CERTIFICATE_EXPIRATION: HOUR }]],
  ["[DOMAIN_EXPIRATION] > 720h", [{ DOMAIN_EXPIRATION: 4000 * HOUR }], [{ DOMAIN_EXPIRATION: 24 * HOUR }]],
  ["[DOMAIN_EXPIRATION] > 1234h56m78s", [{ DOMAIN_EXPIRATION: 1236 * HOUR }], [{ DOMAIN_EXPIRATION: 1234 * HOUR }]],
  // The body, whole.
  ["[BODY] == 1", [{ BODY: "1" }, { BODY: "1\n" }], [{ BODY: "{}" }, { BODY: "2" }]],
  ["[BODY] == OK", [{ BODY: "OK" }, { BODY: "  OK\r\n" }], [{ BODY: "ok" }, { BODY: "OK!" }, { BODY: "" }]],
  ["[BODY] != DOWN", [{ BODY: "UP" }, { BODY: "" }], [{ BODY: "DOWN\n" }]],
  ["[BODY] == pat(*pong*)", [{ BODY: "<p>pong</p>" }], [{ BODY: "<p>ping</p>" }]],
  ["[BODY] == pat(pong*)", [{ BODY: "\npong 1" }], [{ BODY: "a pong" }]],
  ["[BODY] != pat(*error*)", [{ BODY: "fine" }], [{ BODY: "an error, sorry" }]],
  [
    '[BODY] == pat(*<div id="user">john.doe</div>*)',
    [{ BODY: '<b><div id="user">john.doe</div></b>' }],
    [{ BODY: "<b>" }],
  ],
  ["pat(*a > b*) == [BODY]", [{ BODY: "when a > b holds" }], [{ BODY: "when a < b holds" }]],
  ["[BODY] == any(green, yellow)", [{ BODY: "green\n" }], [{ BODY: "red" }]],
  ["[BODY] > 122", [{ BODY: "123" }, { BODY: "122.5\n" }], [{ BODY: "100" }, { BODY: "many" }]],
  ["[BODY] < 124", [{ BODY: "123" }], [{ BODY: "124" }]],
  ["len([BODY]) == 3", [{ BODY: [1, 2, 3] }, { BODY: "abc" }, { BODY: "abc\n" }], [{ BODY: [1, 2] }, { BODY: "abcd" }]],
  ["len([BODY]) > 0", [{ BODY: [{}] }, { BODY: "x" }], [{ BODY: [] }, { BODY: "" }]],
  ["len([BODY]) == 19", [{ BODY: '{ "name": "john.doe"  }' }], [{ BODY: "{}" }]],
  ["has([BODY]) == true", [{ BODY: "x" }], [{ BODY: "" }, { BODY: " \n" }]],
  // What is in it.
  [
    "[BODY].user.name == john",
    [{ BODY: { user: { name: "john" } } }],
    [{ BODY: { user: {} } }, { BODY: { user: "john" } }],
  ],
  [
    "[BODY].data[0].id == 1",
    [{ BODY: { data: [{ id: 1 }] } }],
    [{ BODY: { data: [{ id: 2 }] } }, { BODY: { data: [] } }],
  ],
  ["[BODY].data[1].id == 2", [{ BODY: { data: [{ id: 1 }, { id: 2 }] } }], [{ BODY: { data: [{ id: 2 }] } }]],
  ["[BODY][0].id == 1", [{ BODY: [{ id: 1 }] }], [{ BODY: { id: 1 } }, { BODY: [] }]],
  ["[BODY][1][0] == x", [{ BODY: [[], ["x"]] }], [{ BODY: [["x"]] }]],
  ["[BODY].age == [BODY].id", [{ BODY: { age: 1, id: 1 } }], [{ BODY: { age: 1, id: 2 } }, { BODY: {} }]],
  ["[BODY].first != [BODY].last", [{ BODY: { first: "a", last: "b" } }], [{ BODY: { first: "a", last: "a" } }]],
  ["[BODY].used < [BODY].quota", [{ BODY: { used: 9, quota: 10 } }], [{ BODY: { used: 11, quota: 10 } }]],
  ["[STATUS] == [BODY].status", [{ STATUS: 200, BODY: { status: 200 } }], [{ STATUS: 200, BODY: { status: 404 } }]],
  ["[BODY].id > 0", [{ BODY: { id: 1 } }, { BODY: { id: "7" } }], [{ BODY: { id: 0 } }, { BODY: {} }]],
  ["[BODY].balance > 100", [{ BODY: { balance: "123.40000000000005" } }], [{ BODY: { balance: "12.3" } }]],
  ["[BODY].id == any(1, 2)", [{ BODY: { id: 1 } }, { BODY: { id: 2 } }], [{ BODY: { id: 3 } }]],
  ["[BODY].name == any(john.doe, jane.doe)", [{ BODY: { name: "jane.doe" } }], [{ BODY: { name: "bob" } }]],
  ["[BODY].name == pat(john*)", [{ BODY: { name: "john.doe" } }], [{ BODY: { name: "bob" } }]],
  ["[BODY].name != pat(john*)", [{ BODY: { name: "bob" } }, { BODY: {} }], [{ BODY: { name: "john" } }]],
  ["[BODY].data == pat(*Whatever*)", [{ BODY: { data: ["hello", "Whatever"] } }], [{ BODY: { data: ["hello"] } }]],
  ["[BODY].ready == true", [{ BODY: { ready: true } }, { BODY: { ready: "true" } }], [{ BODY: { ready: false } }]],
  ["[BODY].data == OK", [{ BODY: { data: "OK" } }], [{ BODY: { data: null } }, { BODY: null }, { BODY: {} }]],
  ["[BODY].message == all is well", [{ BODY: { message: "all is well" } }], [{ BODY: { message: "all" } }]],
  ["[BODY].a.b.c.d == 1", [{ BODY: { a: { b: { c: { d: 1 } } } } }], [{ BODY: { a: { b: { c: 1 } } } }]],
  // len and has.
  [
    "len([BODY].data) < 5",
    [{ BODY: { data: [{ id: 1 }] } }, { BODY: { data: [] } }],
    [{ BODY: { data: [1, 2, 3, 4, 5] } }, { BODY: {} }],
  ],
  ["len([BODY].name) == 8", [{ BODY: { name: "john.doe" } }], [{ BODY: { name: "bob" } }]],
  ["len([BODY].username) > 8", [{ BODY: { username: "john.doe2" } }], [{ BODY: { username: "john.doe" } }]],
  ["len([BODY].age) == 2", [{ BODY: { age: 18 } }], [{ BODY: { age: 7 } }]],
  ["len([BODY].adult) == 4", [{ BODY: { adult: true } }], [{ BODY: { adult: false } }]],
  ["len([BODY][0]) == 23", [{ BODY: [{ age: 18, adult: true }] }], [{ BODY: [{ age: 8 }] }]],
  ["len([BODY][0].age) == 2", [{ BODY: [{ age: 18 }] }], [{ BODY: [] }]],
  ["len([BODY].items) >= 1", [{ BODY: { items: [0] } }], [{ BODY: { items: [] } }]],
  [
    "has([BODY].errors) == false",
    [{ BODY: { name: "john.doe" } }, { BODY: { errors: null } }],
    [{ BODY: { errors: [] } }],
  ],
  ["has([BODY].users) == true", [{ BODY: { users: [] } }], [{ BODY: {} }]],
  ["has([BODY].users[0].name) == true", [{ BODY: { users: [{ name: "x" }] } }], [{ BODY: { users: [{}] } }]],
  ["has([BODY].errors) != true", [{ BODY: {} }], [{ BODY: { errors: 1 } }]],
];

describe("a condition that Gatus documents means here what it means there", () => {
  test.each(ROWS)("%s", (text, holds, not) => {
    const unmet = (found: object) => conditionsOf([text]).unmet(facts(found as Record<string, unknown>));
    for (const found of holds) expect(unmet(found), JSON.stringify(found)).toBeUndefined();
    for (const found of not) expect(unmet(found), JSON.stringify(found)).toBeDefined();
  });
});
