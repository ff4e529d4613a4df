/** What is said about authors one does not want to read. */
import { _, ngettext } from "../shared/texts";

export const say = {
  muted: (name: string) => _("You have muted %(name)s.", { name }),
  shown: (name: string) => _("You read %(name)s again.", { name }),
  unmute: _("Unmute"),
  unmuteOne: (name: string) => _("Unmute %(name)s", { name }),
  list: (count: number) => ngettext("%(num)s muted author", "%(num)s muted authors", count),
  hint: _("Comments signed with these names are hidden in this browser, and nowhere else."),
};
