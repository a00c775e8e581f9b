"""What a rule knows, for people: tables, a card for the terminal, and the pages of ``docs/rules``."""
