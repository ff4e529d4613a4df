"""Plain serves who has no scripts: the discussion as a page of its own, for crawlers too, and posting by forms."""
