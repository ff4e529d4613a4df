/** What is said of signing in. */
import { _ } from "../shared/texts";

export const say = {
  signIn: _("Sign in"),
  signInWith: (name: string) => _("Sign in with %(name)s", { name }),
  signOut: _("Sign out"),
  signedIn: (name: string) => _("You are signed in as %(name)s.", { name }),
  signedOut: _("You are not signed in any more."),
};
