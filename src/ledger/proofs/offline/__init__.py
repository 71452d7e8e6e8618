"""What checks an evidence bundle without us: three verifiers that share no line of code, and the page that explains.

    verify.py      Python 3.9 or newer, the standard library and `cryptography`; imports nothing of this package
    verify.html    any browser with Web Crypto, opened from disk, no network
    recipe.sh      bash, coreutils and openssl 3
    README.md      what a bundle is and how it is checked, in Chinese and English

Every bundle carries all four. The files here are those files: `texts` reads them.
"""

from importlib.resources import files

NAMES = ("README.md", "recipe.sh", "verify.html", "verify.py")


def texts() -> dict[str, bytes]:
    """The four files by name, as every bundle carries them."""
    here = files(__name__)
    return {name: here.joinpath(name).read_bytes() for name in NAMES}
