/** What is said while one writes. */
import { _, ngettext } from "../shared/texts";

export const say = {
  tools: _("Format the text"),
  bold: _("Bold"),
  italic: _("Italic"),
  quote: _("Quote"),
  code: _("Code"),
  link: _("Link"),
  spoiler: _("Spoiler"),
  preview: _("Preview"),
  nothing: _("Nothing to show yet."),
  names: (count: number) =>
    count === 0
      ? _("No names.")
      : ngettext(
          "%(num)s name. Choose with the arrow keys.",
          "%(num)s names. Choose with the arrow keys.",
          count,
        ),
  people: _("People in this discussion"),
};
