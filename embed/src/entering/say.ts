/** What is said of signing in by mail. */
import { _ } from "../shared/texts";

export const say = {
  sent: _("A code is on its way to you. It works for ten minutes."),
  signedIn: (name: string) => _("You are signed in as %(name)s.", { name }),
};
