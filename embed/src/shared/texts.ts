/**
 * The texts of the page's language. A script before this one may have left them (`texts-de.js`), by the English text;
 * what is missing there is said in English. Plural forms go by CLDR's categories.
 */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;
type Values = Record<string, string>;

const spoken = globalThis as { parleyTexts?: Record<string, string | Forms>; document?: Document };
const texts = Object.assign(Object.create(null) as object, spoken.parleyTexts) as Record<string, string | Forms>;

/** The page's language, as browsers know it; what only looks like one makes them throw. */
export const tag = known(spoken.document?.documentElement.lang);
const asked = new URLSearchParams(globalThis.location?.search).get("lang") ?? tag;
/** The same for numbers and dates: as in the article's own country, with the digits that the server writes. */
export const lang = known(`${asked.startsWith(tag) ? asked : tag}-u-nu-latn`);

const rules = new Intl.PluralRules(tag);
const numbers = new Intl.NumberFormat(lang);

export const number = (count: number): string => numbers.format(count);

/** A text, `%(name)s` replaced by `values.name`. */
export function _(message: string, values: Values = {}): string {
  const text = texts[message];
  return fill(typeof text === "string" ? text : message, values);
}

/** A text about a number of things; `%(num)s` is the number as it is written here. */
export function ngettext(one: string, many: string, count: number, values: Values = {}): string {
  const forms = texts[one];
  const form = typeof forms === "object" ? (forms[rules.select(count)] ?? forms.other) : undefined;
  return fill(form ?? (count === 1 ? one : many), { num: number(count), ...values });
}

function fill(text: string, values: Values): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => values[name] ?? whole);
}

function known(said = "en"): string {
  try {
    return Intl.getCanonicalLocales(said)[0] ?? "en";
  } catch {
    return "en";
  }
}
