"""The commands of `parley`, one file per subject. They start things and print; what they do is done by the rooms."""
