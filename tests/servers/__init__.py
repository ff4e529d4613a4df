"""Real servers for the tests, started by the run itself: no root, nothing installed on the machine."""
