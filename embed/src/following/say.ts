/** What is said of following a discussion by mail. */
import { _ } from "../shared/texts";

export const say = {
  asked: _("A mail with a link is on its way to you. Press the button it leads to, and mail begins."),
  follows: _("You will get mail."),
  quiet: _("You will get no mail about this discussion."),
  needsEmail: _("To get mail, give your e-mail address."),
};
