"""Terms, contact data and the pages that the owner writes."""
