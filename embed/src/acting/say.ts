/** What is said when one changes, deletes or reports a comment. */
import { _ } from "../shared/texts";

export const say = {
  saving: _("Saving…"),
  saved: _("Your comment is changed."),
  deleted: _("Your comment is deleted."),
  editing: _("Your comment"),
  save: _("Save changes"),
  reported: _("Thank you. A moderator will look at it."),
  reportedShort: _("Reported"),
  unreasoned: _("Choose a reason."),
};
