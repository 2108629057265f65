"""The one place that states skyflow's version."""

__version__ = "0.1.0"
