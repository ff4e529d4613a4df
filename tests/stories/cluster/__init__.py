"""The same stories on PostgreSQL and a Redis Cluster of three nodes."""
