/** What is said of what happens meanwhile. */
import { _, ngettext } from "../shared/texts";

export const say = {
  news: (count: number) => ngettext("%(num)s new comment", "%(num)s new comments", count),
  changed: _("Show what has changed"),
  closed: _("This discussion is closed."),
  open: _("This discussion is open again."),
  notLoaded: _("They could not be loaded."),
};
