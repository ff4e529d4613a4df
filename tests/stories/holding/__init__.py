"""What may wait for the outside holds no database connection."""
