"""What we know of providers: one TOML file each under ``data/``, and how it is read."""
