"""What publishers copy beside their own code, tried against Parley."""
