"""Read back by OpenCV's detector, another hand than the one that writes."""

import cv2
import numpy as np

from streamer.lan import qr

URL = "https://192.168.0.7:8765/?token=xUF-YDMqEwDNOIzhCKcj2g"
# Each character of the terminal's code: its upper and lower module, light where it is drawn.
BLOCKS = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}


def test_the_terminals_code_can_be_read() -> None:
    rows = [line for line in qr.terminal(URL).splitlines() if line]
    width = max(map(len, rows))
    modules = []
    for row in rows:
        cells = [BLOCKS[character] for character in row.ljust(width)]
        modules += [[upper for upper, _ in cells], [lower for _, lower in cells]]
    picture = np.kron(np.array(modules, np.uint8), np.ones((8, 8), np.uint8))
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert text == URL


def test_the_picture_is_svg_of_its_own() -> None:
    picture = qr.svg(URL)
    assert picture.startswith(b"<svg")
    assert b"href" not in picture
