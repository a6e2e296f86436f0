"""What the store offers: categories, products, plans, releases and their files."""
