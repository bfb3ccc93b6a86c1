import struct
import zlib

import cv2
import numpy as np
import pytest

from landmarks.errors import OutputExistsError, PictureError
from landmarks.pictures import SUFFIXES, read_picture, write_picture


@pytest.fixture
def image():
    """Wide, red on the left, green on the right, brighter downwards."""
    picture = np.zeros((40, 64, 3), np.uint8)
    picture[:, :32, 0] = np.linspace(100, 240, 40)[:, None]
    picture[:, 32:, 1] = np.linspace(100, 240, 40)[:, None]
    return picture


@pytest.fixture
def write(tmp_path):
    def write_bytes(data, name):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_bytes


def encode(suffix, bgr, *options):
    ok, data = cv2.imencode(suffix, bgr, list(options))
    assert ok
    return data.tobytes()


def jpeg(image):
    return encode(".jpg", image[..., ::-1], cv2.IMWRITE_JPEG_QUALITY, 95)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, *chunks):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", pixels)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def exif(orientation, thumbnail=b""):
    """An APP1 segment that says how the camera was held, with room for a thumbnail."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + thumbnail
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def with_segment(jpeg_bytes, segment):
    return jpeg_bytes[:2] + segment + jpeg_bytes[2:]


def test_png_written_and_read_is_unchanged(tmp_path, image, rng):
    for picture in (image, rng.integers(0, 256, (7, 5, 3), np.uint8), image[:1, :1]):
        write_picture(tmp_path / "face.png", picture, force=True)
        np.testing.assert_array_equal(read_picture(tmp_path / "face.png"), picture)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".ppm", ".tif", ".PNG"])
def test_lossless_formats_keep_every_pixel(tmp_path, image, suffix):
    write_picture(tmp_path / f"face{suffix}", image)
    np.testing.assert_array_equal(read_picture(tmp_path / f"face{suffix}"), image)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp", ".JPG"])
def test_lossy_formats_keep_colours_apart(tmp_path, image, suffix):
    write_picture(tmp_path / f"face{suffix}", image, quality=95)
    back = read_picture(tmp_path / f"face{suffix}").astype(int)
    assert np.abs(back - image).mean() < 8
    assert back[20, 5, 0] > back[20, 5, 1] + 80  # red stays red


def test_grey_picture_becomes_rgb(write, image):
    grey = image.max(axis=2)
    back = read_picture(write(encode(".png", grey), "grey.png"))
    np.testing.assert_array_equal(back, np.repeat(grey[..., None], 3, axis=2))


def test_transparency_is_dropped(write, image):
    bgra = np.dstack([image[..., ::-1], np.full(image.shape[:2], 7, np.uint8)])
    np.testing.assert_array_equal(read_picture(write(encode(".png", bgra), "a.png")), image)


def test_palette_becomes_rgb(write):
    palette = png_chunk(b"PLTE", bytes([255, 0, 0, 0, 0, 255, 10, 20, 30]))
    data = png(3, 2, 8, 3, [bytes([0, 1, 2]), bytes([2, 1, 0])], palette)
    expected = np.array([[255, 0, 0], [0, 0, 255], [10, 20, 30]], np.uint8)
    back = read_picture(write(data, "palette.png"))
    np.testing.assert_array_equal(back, np.stack([expected, expected[::-1]]))


def test_one_bit_picture_is_black_and_white(write):
    back = read_picture(write(png(8, 1, 1, 0, [b"\xaa"]), "bits.png"))
    np.testing.assert_array_equal(back[0, :, 0], [255, 0] * 4)


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_and_not_clipped(write, channels):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    deep = ramp if channels == 1 else np.repeat(ramp[..., None], 3, axis=2)
    back = read_picture(write(encode(".png", deep), "deep.png"))
    assert back.dtype == np.uint8
    assert np.abs(back[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_cmyk_becomes_rgb(tmp_path, image):
    pillow = pytest.importorskip("PIL.Image", reason="OpenCV cannot write CMYK")
    path = tmp_path / "cmyk.jpg"
    pillow.fromarray(image).convert("CMYK").save(path, quality=95)
    back = read_picture(path).astype(int)
    assert back.shape == image.shape
    assert np.abs(back - image).mean() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_upright_however_the_camera_was_held(write, image, orientation):
    upright = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
        8: lambda a: np.rot90(a, 1),
    }[orientation]
    stored = jpeg(image)
    back = read_picture(write(with_segment(stored, exif(orientation)), "photo.jpg"))
    plain = read_picture(write(stored, "plain.jpg"))
    np.testing.assert_array_equal(back, upright(plain))


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_truncated_jpeg_is_refused(write, rng, kept):
    data = jpeg(rng.integers(0, 256, (200, 200, 3), np.uint8))
    with pytest.raises(PictureError, match="truncated"):
        read_picture(write(data[: int(kept * len(data))], "half.jpg"))


def test_truncated_jpeg_is_refused_although_its_thumbnail_is_whole(write, rng, image):
    data = jpeg(rng.integers(0, 256, (200, 200, 3), np.uint8))
    data = with_segment(data, exif(1, thumbnail=jpeg(image)))
    path = write(data, "photo.jpg")
    assert read_picture(path).shape == (200, 200, 3)
    with pytest.raises(PictureError, match="truncated"):
        read_picture(write(data[: len(data) // 2], "half.jpg"))


def test_jpeg_with_data_after_its_end_is_read(write, image):
    """Phones append videos and depth maps."""
    path = write(jpeg(image) + bytes(200_000), "motion.jpg")
    assert read_picture(path).shape == image.shape


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_truncated_png_is_refused(write, rng, kept):
    data = encode(".png", rng.integers(0, 256, (200, 200, 3), np.uint8))
    with pytest.raises(PictureError):
        read_picture(write(data[: int(kept * len(data))], "half.png"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"hello", "not a picture"),
        (b"<!DOCTYPE html><html></html>", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "not a picture"),
        (b"\xff\xd8", "truncated|not a picture"),
        (b"\xff\xd8\xff\xd9", "truncated|not a picture"),
        (bytes(1000), "not a picture"),
    ],
    ids=["empty", "text", "html", "png_mark", "jpeg_mark", "jpeg_of_nothing", "zeros"],
)
def test_file_that_is_no_picture_is_refused(write, content, message):
    path = write(content, "text.jpg")
    with pytest.raises(PictureError, match=message) as caught:
        read_picture(path)
    assert str(path) in str(caught.value)


def test_png_that_claims_more_pixels_than_memory_is_refused(write):
    with pytest.raises(PictureError, match="claims 60000 x 60000 pixels"):
        read_picture(write(png(60000, 60000, 8, 2, [bytes(30)]), "bomb.png"))


def test_missing_picture_and_folder_are_refused(tmp_path):
    with pytest.raises(PictureError, match="no such picture"):
        read_picture(tmp_path / "nobody.png")
    with pytest.raises(PictureError, match="folder"):
        read_picture(tmp_path)


def test_unknown_suffix_is_not_written(tmp_path, image):
    for name in ("face.xyz", "face"):
        with pytest.raises(PictureError, match=".png"):
            write_picture(tmp_path / name, image)
    assert list(tmp_path.iterdir()) == []


def test_picture_is_not_overwritten_without_force(tmp_path, image):
    path = tmp_path / "face.png"
    write_picture(path, image)
    with pytest.raises(OutputExistsError):
        write_picture(path, image[::-1])
    np.testing.assert_array_equal(read_picture(path), image)


def test_array_that_is_no_rgb_uint8_is_not_written(tmp_path, image):
    with pytest.raises(ValueError, match="RGB uint8"):
        write_picture(tmp_path / "face.png", image.astype(np.float32))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_listed_suffix_is_written_and_read_or_refused(tmp_path, image, suffix, capfd):
    path = tmp_path / f"face{suffix}"
    if suffix == ".pgm":  # holds grey alone
        with pytest.raises(PictureError, match="use .png"):
            write_picture(path, image)
        assert not path.exists()
        return
    write_picture(path, image)
    assert read_picture(path).shape == image.shape
    assert capfd.readouterr().err == ""  # OpenCV has nothing to complain about


def test_a_picture_of_more_pixels_than_the_limit_names_it(write):
    data = png(70_000, 70_000, 8, 2, [])
    with pytest.raises(PictureError, match="more than 67,108,864 pixels, which is the most"):
        read_picture(write(data, "large.png"))


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/urandom"])
def test_a_device_is_no_picture(tmp_path, target):
    (tmp_path / "a.jpg").symlink_to(target)
    with pytest.raises(PictureError, match="is a device, expected a picture"):
        read_picture(tmp_path / "a.jpg")
