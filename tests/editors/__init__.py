"""The experience in an editor: the YAML language server is asked what people ask it while they type."""
