"""What operators see of a Parley that runs."""
