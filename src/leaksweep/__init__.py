"""leaksweep finds leaked credentials and says what to do about each."""

__version__ = "0.1.0"
