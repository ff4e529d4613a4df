"""Migrations of the schema, one file each; run by `parley migrate`."""
