"""Keys in a token that never lets them out: PKCS#11, by the C functions of the vendor's own library.

A file `token` in the signer's folder says which; the keys are made in the token beforehand (Ed25519, by label):

    module /usr/lib/softhsm/libsofthsm2.so
    token  sunledger
    log    checkpoints
    heads  tag-heads
    pin    /run/credentials/pin              a file that only its owner can read
    next   checkpoints-2027                  while the key is changed: the label of the one that follows

What is called is PKCS#11 v3.0 (OASIS): C_Initialize, C_GetSlotList, C_GetTokenInfo, C_OpenSession, C_Login,
C_FindObjects, C_GetAttributeValue, C_SignInit with CKM_EDDSA, C_Sign. Tested with SoftHSM 2.6.1. Every signature is
checked against the public key before it leaves (`ledger.proofs.note.signature`), so a broken token signs nothing.
"""

import ctypes
from collections.abc import Sequence
from ctypes import byref, c_char, c_char_p, c_ulong, c_void_p, cast
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import CannotRun
from ledger.proofs.keys import NOTE, VerifierKey

FILE = "token"
WORDS = ("module", "token", "log", "heads", "pin")

_OK, _ALREADY_INITIALIZED, _ALREADY_LOGGED_IN = 0, 0x191, 0x100
_SERIAL_SESSION, _USER = 4, 1
_CLASS, _LABEL, _KEY_TYPE, _EC_POINT = 0, 3, 0x100, 0x181
_PUBLIC, _PRIVATE, _EDWARDS, _EDDSA = 2, 3, 0x40, 0x1057


class _Attribute(ctypes.Structure):
    _fields_ = (("type", c_ulong), ("value", c_void_p), ("length", c_ulong))


class _Mechanism(ctypes.Structure):
    _fields_ = (("mechanism", c_ulong), ("parameter", c_void_p), ("length", c_ulong))


@dataclass(frozen=True, slots=True)
class Described:
    """What the file `token` says."""

    module: str
    token: str
    log: str
    heads: str
    pin: Path
    next: str | None = None

    @classmethod
    def read(cls, path: Path) -> "Described":
        """Raises CannotRun where a line is missing or not known."""
        lines = [line.split(None, 1) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        said = {line[0]: line[1].strip() for line in lines if len(line) == 2}
        if set(said) - {"next"} != set(WORDS) or len(lines) != len(said):
            raise CannotRun(f"{path}: wanted is one line each of {', '.join(WORDS)}")
        return cls(said["module"], said["token"], said["log"], said["heads"], Path(said["pin"]), said.get("next"))


class Token:
    """A session with a token, logged in. Used by one thread at a time."""

    def __init__(self, module: str, label: str, pin: str) -> None:
        """Open it. Raises CannotRun with the name of the function that refused and its return value."""
        try:
            self._library = ctypes.CDLL(module)
        except OSError as fault:
            raise CannotRun(f"PKCS#11: {fault}") from fault
        self._session = c_ulong()
        self._call("C_Initialize", None, fine=(_ALREADY_INITIALIZED,))
        slot = self._slot(label)
        self._call("C_OpenSession", c_ulong(slot), c_ulong(_SERIAL_SESSION), None, None, byref(self._session))
        raw = pin.encode()
        self._call(
            "C_Login", self._session, c_ulong(_USER), c_char_p(raw), c_ulong(len(raw)), fine=(_ALREADY_LOGGED_IN,)
        )

    def key(self, label: str, name: str) -> "TokenKey":
        """The Ed25519 key pair of this label, as a signer of this name. Raises CannotRun."""
        public = self._public(self._find(_PUBLIC, label))
        return TokenKey(VerifierKey(name, NOTE, public), self, self._find(_PRIVATE, label))

    def sign(self, handle: int, message: bytes) -> bytes:
        """64 bytes of Ed25519 by a private key of the token. Raises CannotRun."""
        mechanism, signature, length = _Mechanism(_EDDSA, None, 0), (c_char * 64)(), c_ulong(64)
        self._call("C_SignInit", self._session, byref(mechanism), c_ulong(handle))
        self._call("C_Sign", self._session, c_char_p(message), c_ulong(len(message)), signature, byref(length))
        return signature.raw[: length.value]

    def _slot(self, label: str) -> int:
        count = c_ulong()
        self._call("C_GetSlotList", ctypes.c_ubyte(1), None, byref(count))
        slots = (c_ulong * count.value)()
        self._call("C_GetSlotList", ctypes.c_ubyte(1), slots, byref(count))
        for slot in slots[: count.value]:
            about = (c_char * 1024)()  # CK_TOKEN_INFO begins with the label, 32 bytes filled up with blanks
            self._call("C_GetTokenInfo", c_ulong(slot), about)
            if about.raw[:32].decode("utf-8", "replace").rstrip(" ") == label:
                return int(slot)
        raise CannotRun(f"PKCS#11: no token {label}")

    def _find(self, kind: int, label: str) -> int:
        raw = label.encode()
        wanted = [(_CLASS, _number(kind)), (_KEY_TYPE, _number(_EDWARDS)), (_LABEL, raw)]
        found, count = (c_ulong * 2)(), c_ulong()
        self._call("C_FindObjectsInit", self._session, _attributes(wanted), c_ulong(len(wanted)))
        self._call("C_FindObjects", self._session, found, c_ulong(2), byref(count))
        self._call("C_FindObjectsFinal", self._session)
        if count.value != 1:
            raise CannotRun(f"PKCS#11: {count.value} Ed25519 keys are labelled {label}, wanted is one pair")
        return int(found[0])

    def _public(self, handle: int) -> bytes:
        """CKA_EC_POINT: the 32 bytes, bare or as a DER octet string."""
        room = (c_char * 64)()
        attribute = _Attribute(_EC_POINT, cast(room, c_void_p), 64)
        self._call("C_GetAttributeValue", self._session, c_ulong(handle), byref(attribute), c_ulong(1))
        point = room.raw[: attribute.length].removeprefix(b"\x04\x20") if attribute.length == 34 else room.raw[:32]
        if attribute.length not in (32, 34) or len(point) != 32:
            raise CannotRun("PKCS#11: the key is not of Ed25519")
        return point

    def _call(self, name: str, *arguments: object, fine: tuple[int, ...] = ()) -> None:
        function = getattr(self._library, name)
        function.restype = c_ulong
        returned = function(*arguments)
        if returned != _OK and returned not in fine:
            raise CannotRun(f"PKCS#11: {name} returned {returned:#x}")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A `ledger.proofs.keys.Signer` whose private half stays in the token."""

    vkey: VerifierKey
    token: Token
    handle: int

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 over exactly these bytes."""
        return self.token.sign(self.handle, message)


def _number(value: int) -> bytes:
    return bytes(c_ulong(value))


def _attributes(wanted: Sequence[tuple[int, bytes]]) -> "ctypes.Array[_Attribute]":
    return (_Attribute * len(wanted))(
        *(_Attribute(kind, cast(c_char_p(value), c_void_p), len(value)) for kind, value in wanted)
    )
