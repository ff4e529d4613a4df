"""Stories of mail to readers."""
