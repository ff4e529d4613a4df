"""The demo seeds one site and shows an article around it; nothing a real site could not do."""
