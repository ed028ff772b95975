const HIDDEN = "(hidden)";

/** Takes secrets out of what is shown, however a server has written them back: as they are, in URLs, in JSON, in base64. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form !== "")
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, HIDDEN), text);
}

const formsOf = (value: string): string[] => [
  value,
  // An unpaired surrogate cannot be written in a URL.
  encodeURIComponent(value.toWellFormed()),
  encodeURIComponent(value.toWellFormed()).replaceAll("%20", "+"),
  JSON.stringify(value).slice(1, -1),
  JSON.stringify(JSON.stringify(value)).slice(3, -3),
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  Buffer.from(value).toString("base64"),
];
