"""What every room stands on and what knows no feature: settings, database, Redis, clock, ids, text, errors."""
