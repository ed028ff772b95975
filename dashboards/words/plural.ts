/** How a language counts: `form` chooses between one thing and several, `plural` says how many before it. */
export interface Counting {
  form(count: number, one: string, many: string): string;
  plural(count: number, one: string, many?: string): string;
}

/** What is singular is the language's own matter (Unicode CLDR): none is in French, and not in English. */
function counting(locale: string): Counting {
  const rules = new Intl.PluralRules(locale);
  const figures = new Intl.NumberFormat(locale);
  const form = (count: number, one: string, many: string) => (rules.select(count) === "one" ? one : many);
  return {
    form,
    plural: (count, one, many = `${one}s`) => `${figures.format(count)} ${form(count, one, many)}`,
  };
}

export const french = counting("fr-FR");
export const english = counting("en-GB");
