import { registerPage } from "../pages/register.ts";
import { serviceHref } from "../pages/service.ts";
import { contact, roleContact } from "../people.ts";
import { definePage } from "./_page.ts";

/** Who does what and how to reach them: for members (N1, N4). */
export default definePage({
  path: "/directory",
  audience: "internal",
  nav: { order: 40, label: (w) => w.site.directory.title },
  render: ({ inventory, people, lang, w, format, nav }) => {
    const words = w.site.directory;
    const team = (id: string): string => inventory.teams[id]?.name[lang] ?? id;
    const rolesOf = (holder: string): string[] =>
      Object.entries(people.roles).flatMap(([role, holders]) =>
        holders.includes(holder) ? (inventory.roles[role]?.title[lang] ?? []) : [],
      );
    const roles = Object.keys(inventory.roles)
      .flatMap((id) => roleContact(inventory, people, id, lang) ?? [])
      .sort((a, b) => format.compare(a.title, b.title));
    return registerPage(inventory, lang, {
      title: words.title,
      internal: true,
      here: "/directory",
      nav,
      intro: words.intro,
      sections: [
        {
          id: "people",
          title: words.people,
          columns: [{ label: words.person }, { label: words.reach }, { label: words.does }, { label: words.member }],
          rows: Object.entries(people.holders)
            .sort(([, a], [, b]) => format.compare(a.name, b.name))
            .map(([id, person]) => {
              const { phone, phoneHref, email, emailHref } = contact(person);
              return [
                person.name,
                {
                  text: "",
                  lines: [...(phone ? [{ text: phone, href: phoneHref }] : []), { text: email, href: emailHref }],
                },
                { text: "", lines: rolesOf(id).map((text) => ({ text })) },
                format.list(person.teams.map(team)),
              ];
            }),
          empty: words.empty,
        },
        {
          id: "roles",
          title: words.roles,
          columns: [
            { label: words.role },
            { label: words.holders },
            { label: words.answers },
            { label: w.oncall.level2 },
          ],
          rows: roles.map((role) => [
            { text: role.title, small: role.address },
            role.holders.length === 0
              ? { text: w.oncall.nobody, sign: "down" }
              : { text: "", lines: role.holders.map(({ name, emailHref }) => ({ text: name, href: emailHref })) },
            {
              text: "",
              lines: Object.values(inventory.services)
                .filter(({ owner, active }) => active && owner === role.id)
                .map(({ id, name }) => ({ text: name[lang], href: serviceHref(id, lang) })),
            },
            inventory.roles[inventory.roles[role.id]?.escalatesTo ?? ""]?.title[lang] ?? "",
          ]),
          empty: words.noRole,
        },
        {
          id: "mailboxes",
          title: words.mailbox,
          columns: [{ label: words.address }, { label: words.role }],
          rows: Object.values(inventory.roleMailboxes)
            .toSorted((a, b) => format.compare(a.address, b.address))
            .map(({ address, aliases, role }) => [
              { text: address, href: contact({ name: "", email: address }).emailHref, small: aliases.join(", ") },
              inventory.roles[role]?.title[lang] ?? role,
            ]),
          empty: words.noMailbox,
        },
        {
          id: "lists",
          title: words.lists,
          columns: [{ label: words.address }, { label: words.purpose }, { label: words.owners }],
          rows: Object.values(inventory.lists)
            .toSorted((a, b) => format.compare(a.address, b.address))
            .map(({ address, purpose, owners }) => [
              { text: address, href: contact({ name: "", email: address }).emailHref },
              purpose[lang],
              format.list(owners.map((role) => inventory.roles[role]?.title[lang] ?? role)),
            ]),
          empty: words.noList,
        },
      ],
    });
  },
});
