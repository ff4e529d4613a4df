"""The console draws the moderators' pages over the front doors of moderation and identity; it owns no rule."""
