"""Check files: from documents to campaigns and settings, or to every problem in them."""
