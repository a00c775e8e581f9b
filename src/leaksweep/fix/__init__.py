"""``leaksweep fix``: a secret in a file becomes a look-up of an environment variable, in the idiom of that file.

``plan.py`` goes from findings to changed files, one module a kind of file makes the change: ``code.py`` for languages
with a grammar, ``dotenv.py``, ``dockerfile.py``, ``config.py``. ``show.py`` prints it without secrets, and
``write.py`` writes it. No change is kept that does not parse or in which the secret is still found.
"""
