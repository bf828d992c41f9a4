"""An address as a QR code, for the camera of a phone."""

import io

import segno


def terminal(text: str) -> str:
    """The code in block characters, two modules a line, dark on light whatever the terminal's colours are."""
    sink = io.StringIO()
    segno.make_qr(text, error="l").terminal(sink, compact=True)
    return sink.getvalue()


def svg(text: str) -> bytes:
    """The code as a picture, black on white with its quiet zone."""
    sink = io.BytesIO()
    segno.make_qr(text, error="m").save(sink, kind="svg", scale=8, dark="#000", light="#fff", xmldecl=False)
    return sink.getvalue()
