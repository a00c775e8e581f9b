"""Archives and compressed contents, read as streams: nothing is extracted, and every measure is bounded."""
