"""Model files that carry their card, and the check that nothing in them has changed.

* ``.tflite``: the card is a zip archive appended to the flatbuffer; interpreters ignore the tail
  and ``unzip`` opens it. It is stored, not deflated: any machine can tell each byte of the tail.
* ``.onnx``: the card is a ``metadata_props`` entry appended to the protobuf message, which is how
  protobuf adds to a repeated field; no ``onnx`` package is needed to write or read it.
* ``.keras``: the card is a further member of the archive.

The card holds the SHA-256 of the graph (everything but the card) and a seal over itself, and around
the card stands what ``with_card`` writes and nothing else, so that a truncated or bit-flipped file
is refused before an interpreter sees it: interpreters load most of them without a word and a few
crash the process. The seal finds damage. It proves no origin: whoever makes a file can seal it.

Nothing is read or unpacked beyond what a model can need: ``MOST_MODEL_BYTES``, ``MOST_CARD_BYTES``.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landmarks.card import ModelCard
from landmarks.errors import ModelFileError
from landmarks.provenance import sha256
from landmarks.reading import read_whole
from landmarks.strict_json import parse_json

MEMBER = "edge-landmarks-card.json"
ONNX_KEY = b"edge_landmarks_card"
SUFFIXES = (".tflite", ".onnx", ".keras")
# The largest networks of the papers (PIPNet on ResNet-101, in float32) have 190 MB. Our cards have
# 11 KB; the rest is room for what people note down of a run.
MOST_MODEL_BYTES = 256 << 20
MOST_CARD_BYTES = 1 << 20
MOST_MEMBERS = 1000  # of a .keras archive, which has four
_CHUNK_BYTES = 1 << 20
# What zipfile and json raise on damaged bytes; RuntimeError: flipped flags of a zip member.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError),
    *(ValueError, KeyError, IndexError, TypeError, AttributeError),
)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same card gives the same bytes


@dataclass(frozen=True)
class ModelFile:
    """A verified model file.

    Attributes:
        path: where it was read.
        card: its contract.
        graph: the bytes for an interpreter, without the card; for ``.keras`` the whole archive.
        sha256: digest of the graph, the identity of the model.
    """

    path: Path
    card: ModelCard
    graph: bytes
    sha256: str


def with_card(graph: bytes, card: ModelCard, suffix: str) -> bytes:
    """Return the bytes of a model file: the graph with its card.

    Args:
        graph: a model without card.
        card: its card.
        suffix: ``.tflite``, ``.onnx`` or ``.keras``.
    """
    return _with_text(graph, _sealed(card, _graph_digest(graph, suffix)), suffix)


def with_other_card(file: ModelFile, card: ModelCard) -> bytes:
    """Return the bytes of a model file with another card: the same graph, the same identity."""
    graph = file.graph
    if file.path.suffix == ".keras":  # its graph is the archive, card and all
        bare = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(graph)) as old, zipfile.ZipFile(bare, "w") as new:
            for member in old.infolist():
                if member.filename != MEMBER:
                    new.writestr(member, old.read(member))
        graph = bare.getvalue()
    return with_card(graph, card, file.path.suffix)


def read_model(path: Path | str) -> ModelFile:
    """Read and verify a model file.

    Raises:
        ModelFileError: it is missing, no model, has no card, or has changed since it was written.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ModelFileError(f"{path}: expected a model file ({', '.join(SUFFIXES)})")
    data = read_whole(
        path,
        what="model file",
        most_bytes=MOST_MODEL_BYTES,
        error=ModelFileError,
        absent=_similar(path),
    )
    _refuse_other_kinds(path, data)
    graph, text = _split(path, data)
    try:
        fields = parse_json(text)
        digest, seal = fields.pop("sha256"), fields.pop("seal")
        intact = seal == _seal(fields, digest) and digest == _graph_digest(graph, path.suffix)
        if path.suffix != ".keras":  # an archive of others, whose members have their own checksums
            intact = intact and data == _with_text(graph, text, path.suffix)
    except _DAMAGE:
        intact = False
    if not intact:
        raise ModelFileError(
            f"{path}: damaged, its content does not match its checksum; copy or download it again"
        )
    try:
        return ModelFile(path, ModelCard.from_dict(fields), graph, digest)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from None


def _with_text(graph: bytes, text: bytes, suffix: str) -> bytes:
    if suffix == ".onnx":
        return graph + _onnx_metadata(text)
    buffer = io.BytesIO(graph)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        member = zipfile.ZipInfo(MEMBER, _ZIP_DATE)
        member.create_system = 3  # Unix; zipfile would write the machine's own
        archive.writestr(member, text)
    return buffer.getvalue()


def _sealed(card: ModelCard, digest: str) -> bytes:
    fields = card.to_dict()
    return json.dumps(
        {**fields, "sha256": digest, "seal": _seal(fields, digest)}, indent=1
    ).encode()


def _seal(fields: dict[str, Any], digest: str) -> str:
    return sha256((json.dumps(fields, sort_keys=True) + digest).encode())


def _graph_digest(graph: bytes, suffix: str) -> str:
    if suffix != ".keras":
        return sha256(graph)
    with zipfile.ZipFile(io.BytesIO(graph)) as archive:
        names = sorted(set(archive.namelist()) - {MEMBER})
        lines = (f"{name} {_member_digest(archive, name)}\n" for name in names)
        return sha256("".join(lines).encode())


def _member_digest(archive: zipfile.ZipFile, name: str) -> str:
    """Return the digest of a member, of which memory holds a piece at a time."""
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while piece := member.read(_CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _refuse_other_kinds(path: Path, data: bytes) -> None:
    head = data[:64].lstrip().lower()
    problem = ""
    if not data:
        problem = "the file is empty"
    elif head.startswith(b"version https://git-lfs"):
        problem = "this is a Git LFS pointer, not the model: run git lfs pull"
    elif head.startswith((b"<!doctype", b"<html")):
        problem = "this is a web page, not a model: the download went wrong"
    elif path.suffix == ".tflite" and data[4:8] != b"TFL3":
        problem = "not a TFLite model (no TFL3 mark)"
    elif path.suffix == ".keras" and not data.startswith(b"PK"):
        problem = "not a Keras archive"
    if problem:
        raise ModelFileError(f"{path}: {problem}")


def _split(path: Path, data: bytes) -> tuple[bytes, bytes]:
    """Return the graph and the JSON text of the card."""
    try:
        if path.suffix == ".onnx":
            return _split_onnx(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_unpacked_size(path, archive.infolist())
            member = archive.getinfo(MEMBER)
            graph = data if path.suffix == ".keras" else data[: member.header_offset]
            return graph, archive.read(member)
    except _DAMAGE:
        raise ModelFileError(
            f"{path}: no model card inside; the file is truncated or was not written by "
            "edge-landmarks"
        ) from None


def _refuse_unpacked_size(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that grows beyond a model when it is unpacked, before that is done.

    A member gives no more bytes than the archive says, whatever it is packed of.
    """
    unpacked = sum(member.file_size for member in members)
    card = max((m.file_size for m in members if m.filename == MEMBER), default=0)
    if unpacked > MOST_MODEL_BYTES or card > MOST_CARD_BYTES or len(members) > MOST_MEMBERS:
        raise ModelFileError(
            f"{path}: {len(members)} members of {unpacked:,} bytes unpacked, {card:,} of them the "
            f"card; expected at most {MOST_MEMBERS}, {MOST_MODEL_BYTES:,} and {MOST_CARD_BYTES:,}"
        )


# ONNX ModelProto: field 14, metadata_props, is a repeated message {1: key, 2: value}.
_METADATA_PROPS, _LENGTH_DELIMITED = 14, 2


def _onnx_metadata(text: bytes) -> bytes:
    entry = _field(1, ONNX_KEY) + _field(2, text)
    return _field(_METADATA_PROPS, entry)


def _split_onnx(data: bytes) -> tuple[bytes, bytes]:
    """Walk the top-level fields of a ModelProto to the card's entry, which must be the last."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            _, at = _varint(data, at)
        elif wire == _LENGTH_DELIMITED:
            length, at = _varint(data, at)
            entry, at = data[at : at + length], at + length
            mark = _field(1, ONNX_KEY)
            if number == _METADATA_PROPS and entry.startswith(mark) and at == len(data):
                size, value_at = _varint(entry, len(mark) + 1)
                if size > MOST_CARD_BYTES:
                    raise ValueError(f"a card of {size} bytes")
                return data[:start], entry[value_at:]
        else:
            raise ValueError(f"wire type {wire}")
    raise ValueError("no card")


def _field(number: int, content: bytes) -> bytes:
    return _encode(number << 3 | _LENGTH_DELIMITED) + _encode(len(content)) + content


def _encode(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("varint too long")


def _similar(path: Path) -> str:
    if not path.parent.is_dir():
        return f", and no folder {path.parent}"
    others = sorted(p.name for p in path.parent.iterdir() if p.suffix in SUFFIXES)
    return f"; the folder has {', '.join(others[:5])}" if others else ""
