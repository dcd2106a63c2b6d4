"""Show state and take orders in a browser."""
