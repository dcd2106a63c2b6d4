"""Stand in for a TikMatrix host over real HTTP, and record what truly happened."""
