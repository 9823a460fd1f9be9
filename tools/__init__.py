"""Programs that make what the repository holds; nothing of nlwire imports them."""
