"""Unpacks wheels and source packages of pure Python into one folder for PYTHONPATH.

Usage: unpack.py ARCHIVES FOLDER

Nothing is built: of a source package the Python packages at its top, or in its src/, are taken.
"""

import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


def unpack_source(archive, folder):
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # where Python has it
            tar.extractall(scratch)
        (top,) = Path(scratch).iterdir()
        home = top / "src" if (top / "src").is_dir() else top
        packages = [path.parent for path in home.glob("*/__init__.py")]
        if not packages:
            sys.exit(f"unpack.py: {archive.name} has no Python package where one is looked for")
        for package in packages:
            shutil.copytree(package, folder / package.name, dirs_exist_ok=True)


def main(archives, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for archive in sorted(archives.iterdir()):
        if archive.suffix == ".whl":
            zipfile.ZipFile(archive).extractall(folder)
        else:
            unpack_source(archive, folder)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
