/** What is said on the way to one's own page. */
import { _ } from "../shared/texts";

export const say = {
  open: _("Open my page"),
};
