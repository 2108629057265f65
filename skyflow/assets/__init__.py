"""Opens the files of one project on disk: text, and local pictures, clips and sounds with their kind, measures and hash. Never judges them."""

from skyflow.assets.disk_files import DiskFiles

__all__ = ["DiskFiles"]
