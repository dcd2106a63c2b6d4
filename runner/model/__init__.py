"""Facts: frozen, without I/O, and without decisions."""
