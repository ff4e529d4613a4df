/** What is said while one looks for words. */
import { _, ngettext } from "../shared/texts";

export const say = {
  label: _("Search in this discussion"),
  search: _("Search"),
  close: _("Back to the discussion"),
  failed: _("They could not be loaded."),
  found: (count: number, hasMore: boolean) => {
    if (hasMore) return ngettext("%(num)s comment found so far.", "%(num)s comments found so far.", count);
    return count === 0
      ? _("No comment has these words.")
      : ngettext("%(num)s comment found.", "%(num)s comments found.", count);
  },
};
