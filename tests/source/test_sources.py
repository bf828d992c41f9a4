import subprocess
from pathlib import Path

import cv2
import imagesize
import numpy as np
import pytest

from streamer.errors import SourceError, SourceLost, UsageError
from streamer.source import SourceWish, open_sources, parse_source, video
from streamer.source.base import MAX_PIXELS, check_size, to_rgb
from streamer.source.camera import Camera, list_cameras
from streamer.source.images import ImageFolder, load_image
from streamer.source.network import NetworkStream
from streamer.source.video import FALLBACK_FPS, Video, demo
from tests.harness import read_clip, read_line, write_clip
from tests.mjpeg import MjpegServer

RED = np.zeros((48, 64, 3), np.uint8)
RED[..., 2] = 255  # OpenCV writes BGR


def read_all(source) -> list[np.ndarray]:
    pictures = []
    while (picture := source.read()) is not None:
        pictures.append(picture)
    return pictures


class TestParse:
    @pytest.mark.parametrize(
        ("spec", "id", "kind"),
        [
            ("demo", "demo", Video),
            ("0", "camera0", Camera),
            ("02", "camera2", Camera),
            ("/dev/video1", "video1", Camera),
            ("rtsp://cam/stream?a=b", "net", NetworkStream),
            ("door=rtsp://cam/stream", "door", NetworkStream),
            ("left=1", "left", Camera),
        ],
    )
    def test_what_a_spec_stands_for(self, spec: str, id: str, kind: type) -> None:
        name, source = parse_source(spec, SourceWish())
        assert (name, type(source)) == (id, kind)

    def test_files_and_folders_give_their_name(self, tmp_path: Path) -> None:
        clip = write_clip(tmp_path / "My clip (1).avi", [RED] * 3)
        assert parse_source(str(clip), SourceWish())[0] == "My-clip-1"
        (tmp_path / "a=b").mkdir()
        assert isinstance(parse_source(str(tmp_path / "a=b"), SourceWish())[1], ImageFolder)

    def test_ids_are_distinct(self) -> None:
        assert [named.id for named in open_sources(["demo", "demo", "demo-2=demo"], SourceWish())] == [
            "demo",
            "demo-2",
            "demo-2-2",
        ]

    def test_too_many(self) -> None:
        with pytest.raises(UsageError, match="17 sources; at most 16"):
            open_sources(["demo"] * 17, SourceWish())

    @pytest.mark.parametrize("spec", ["nowhere.mp4", "", "x\0y", "-1", "rtsp://[::1", "99999"])
    def test_what_is_nothing_is_one_line(self, spec: str) -> None:
        with pytest.raises(SourceError) as error:
            parse_source(spec, SourceWish())
        assert len(str(error.value).splitlines()) == 1
        if "://" not in spec:
            assert f"cameras: {list_cameras()}" in str(error.value)


class TestVideo:
    def test_reads_to_the_end_as_rgb(self, tmp_path: Path) -> None:
        source = Video(write_clip(tmp_path / "red.avi", [RED] * 7, fps=25))
        info = source.open()
        assert (info.width, info.height, info.fps) == (64, 48, 25)
        pictures = read_all(source)
        assert len(pictures) == 7
        assert pictures[0].dtype == np.uint8
        assert pictures[0][20, 20, 0] > 200 > 60 > pictures[0][20, 20, 2]
        source.open()
        assert source.skip()
        assert len(read_all(source)) == 6
        source.close()
        assert source.read() is None

    def test_knows_when_each_picture_is_shown_and_how_many_there_are(self, tmp_path: Path) -> None:
        source = Video(write_clip(tmp_path / "red.avi", [RED] * 5, fps=25))
        assert source.shown_us is None
        source.open()
        assert source.frames == 5
        times = []
        while source.read() is not None:
            times.append(source.shown_us)
        assert times == [0, 40_000, 80_000, 120_000, 160_000]

    @pytest.mark.parametrize("value", [float("nan"), -1.0, 1e18])
    def test_what_no_file_can_know_is_unknown(
        self, value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clip = write_clip(tmp_path / "red.avi", [RED] * 3)
        real = cv2.VideoCapture

        class Odd:
            def __init__(self, *args: object) -> None:
                self.real = real(*args)

            def get(self, key: int) -> float:
                odd = (cv2.CAP_PROP_POS_MSEC, cv2.CAP_PROP_FRAME_COUNT)
                return value if key in odd else float(self.real.get(key))

            def __getattr__(self, name: str) -> object:
                return getattr(self.real, name)

        monkeypatch.setattr(cv2, "VideoCapture", Odd)
        source = Video(clip)
        source.open()
        assert source.read() is not None
        assert source.shown_us is None
        assert source.frames == 0

    def test_the_demo_clip(self) -> None:
        source = demo()
        info = source.open()
        assert (info.width, info.height, info.fps) == (720, 1280, 60)
        assert len(read_all(source)) == 100

    def test_a_missing_demo_clip_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(video, "DEMO_CLIP", tmp_path / "gone.mp4")
        with pytest.raises(SourceError, match="reinstall"):
            demo()

    def test_an_absurd_rate_becomes_a_usable_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        clip = write_clip(tmp_path / "red.avi", [RED] * 3)
        real = cv2.VideoCapture

        class NoRate:
            def __init__(self, *args: object) -> None:
                self.real = real(*args)

            def get(self, key: int) -> float:
                return float("nan") if key == cv2.CAP_PROP_FPS else self.real.get(key)

            def __getattr__(self, name: str) -> object:
                return getattr(self.real, name)

        source = Video(clip)
        monkeypatch.setattr(video.cv2, "VideoCapture", NoRate, raising=True)
        assert source.open().fps == FALLBACK_FPS
        source.close()


class TestImages:
    def test_natural_order_and_bad_ones_passed_over(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        for number, value in ((10, 200), (2, 100), (1, 50)):
            cv2.imwrite(str(tmp_path / f"img{number}.png"), np.full((40, 40, 3), value, np.uint8))
        (tmp_path / "img3.jpg").write_bytes(b"no picture")
        (tmp_path / "img4.png").write_bytes((tmp_path / "img1.png").read_bytes()[:40])
        (tmp_path / "notes.txt").write_text("x")
        source = ImageFolder(tmp_path, 5)
        info = source.open()
        assert (info.width, info.fps) == (40, 5)
        assert [int(picture[0, 0, 0]) for picture in read_all(source)] == [50, 100, 200]
        source.open()
        assert len(read_all(source)) == 3
        assert sum("img3.jpg" in record.message for record in caplog.records) == 1

    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
    def test_every_kind(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"red{suffix}"
        cv2.imwrite(str(path), RED)
        picture = load_image(path)
        assert picture.shape == (48, 64, 3)
        assert picture[20, 20, 0] > 200 > 60 > picture[20, 20, 2]

    def test_a_decompression_bomb_is_refused_by_its_header(self, tmp_path: Path) -> None:
        bomb = tmp_path / "bomb.png"
        cv2.imwrite(str(bomb), np.zeros((50, 50), np.uint8))
        data = bytearray(bomb.read_bytes())
        data[16:24] = (28_000).to_bytes(4, "big") * 2
        bomb.write_bytes(data)
        assert imagesize.get(str(bomb)) == (28_000, 28_000)
        with pytest.raises(SourceError, match=r"bomb.png: 28000x28000 pixels; at most 25,000,000"):
            load_image(bomb)

    def test_exif_orientation_is_honoured(self, tmp_path: Path) -> None:
        _, jpeg = cv2.imencode(".jpg", RED)
        exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        (tmp_path / "turned.jpg").write_bytes(jpeg.tobytes()[:2] + segment + jpeg.tobytes()[2:])
        assert load_image(tmp_path / "turned.jpg").shape == (64, 48, 3)


class TestNetwork:
    def test_reads_mjpeg(self) -> None:
        with MjpegServer([RED], fps=60) as camera:
            source = NetworkStream(camera.url)
            source.open()
            assert source.read().shape == (48, 64, 3)
            assert source.skip()
            source.close()
            with pytest.raises(SourceLost):
                source.read()

    @pytest.mark.ffmpeg
    def test_mpeg_ts_over_udp(self) -> None:
        port = free_udp_port()
        sender = subprocess.Popen(
            [
                *("ffmpeg", "-v", "quiet", "-re", "-stream_loop", "-1", "-i", str(video.DEMO_CLIP)),
                *("-vf", "scale=180:320", "-c:v", "mpeg2video", "-g", "10", "-f", "mpegts"),
                f"udp://127.0.0.1:{port}?pkt_size=1316",
            ]
        )
        try:
            source = NetworkStream(f"udp://127.0.0.1:{port}")
            source.open()
            assert source.read().shape == (320, 180, 3)
            source.close()
        finally:
            sender.kill()
            sender.wait()

    @pytest.mark.rtsp
    def test_rtsp(self) -> None:
        camera = subprocess.Popen(
            ["/usr/bin/python3", str(Path(__file__).parents[1] / "rtsp_server.py")], stdout=subprocess.PIPE, text=True
        )
        try:
            port = read_line(camera, 20).strip()
            assert port.isdecimal(), "apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good"
            source = NetworkStream(f"rtsp://127.0.0.1:{port}/cam")
            source.open()
            first, second = source.read(), source.read()
            assert first.shape == second.shape == (240, 320, 3)
            source.close()
        finally:
            camera.kill()
            camera.communicate()

    def test_nobody_there(self) -> None:
        with pytest.raises(SourceError, match=r"stream http://127\.0\.0\.1:9/cam: no video stream answers"):
            NetworkStream("http://127.0.0.1:9/cam").open()

    def test_labels_keep_secrets(self) -> None:
        label = NetworkStream("rtsp://admin:hunter2@cam.example:554/live?key=s3cret").label
        assert label == "stream rtsp://cam.example:554/live"


class TestCamera:
    def test_one_that_is_not_there_names_those_that_are(self) -> None:
        with pytest.raises(SourceError, match=r"camera 93 can't be opened; cameras: "):
            Camera(93, None, None, None).open()
        with pytest.raises(SourceLost):
            Camera(93, None, None, None).read()


@pytest.mark.parametrize(("width", "height"), [(31, 100), (100, 31), (0, 0)])
def test_too_small(width: int, height: int) -> None:
    with pytest.raises(SourceError, match="at least 32x32"):
        check_size(width, height, "x")


def test_too_large() -> None:
    check_size(5000, MAX_PIXELS // 5000, "x")
    with pytest.raises(SourceError, match="at most 25,000,000"):
        check_size(5001, MAX_PIXELS // 5000, "x")


def test_to_rgb_takes_whatever_opencv_gives() -> None:
    assert to_rgb(RED)[0, 0].tolist() == [255, 0, 0]
    assert to_rgb(np.dstack([RED, RED[..., 0]]))[0, 0].tolist() == [255, 0, 0]
    assert to_rgb(np.full((4, 4), 9, np.uint8)).tolist() == np.full((4, 4, 3), 9).tolist()
    assert len(read_clip(count=2)) == 2


def free_udp_port() -> int:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("url", ["rtsp://user:s3/cret@10.0.0.7:99x/live", "rtsp://user:s3#cret@10.0.0.7/live?key=s3"])
def test_what_is_no_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SourceError, match="percent-encoded") as error:
        parse_source(url, SourceWish())
    assert "s3" not in str(error.value)
    assert "cret" not in str(error.value)
