"""Known secrets: the file of decisions, and what makes and changes it."""
