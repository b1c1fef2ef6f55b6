"""Picture files are read upright and in RGB; bad ones get one clear line."""

from __future__ import annotations

import base64
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assistant.errors import ImageError
from assistant.inputs.image_file import decode_picture, read_picture


def _drawn(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red, with a blue square in the left upper corner."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((0, 0, 14, 14), fill="blue")
    return image


def _corner(image: Image.Image) -> str:
    """Returns the corner of the blue square."""
    width, height = image.size
    corners = {"left upper": (5, 5), "right upper": (width - 5, 5), "left lower": (5, height - 5)}
    blue = [name for name, at in corners.items() if np.argmax(image.getpixel(at)) == 2]
    return blue[0] if blue else "right lower"


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.gif", "a.tiff", "a.ppm", "a.ico", "a.tga", "a.jp2", "a.avif"]
)
def test_common_formats_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    _drawn((48, 48)).save(path)
    picture = read_picture(path)
    assert picture.image.mode == "RGB"
    assert picture.source == str(path)
    assert _corner(picture.image) == "left upper"


def test_extension_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    _drawn().save(path, "PNG")
    assert read_picture(path).image.size == (60, 40)


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, "left upper"), (3, "right lower"), (6, "right upper"), (8, "left lower")]
)
def test_camera_orientation_is_applied(orientation: int, corner: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    _drawn().save(tmp_path / "a.jpg", exif=exif)
    picture = read_picture(tmp_path / "a.jpg")
    assert _corner(picture.image) == corner
    assert picture.image.size == ((60, 40) if orientation in (1, 3) else (40, 60))


def test_damaged_orientation_is_ignored(tmp_path: Path) -> None:
    _drawn().save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_picture(tmp_path / "a.jpg").image.size == (60, 40)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparent_becomes_white(mode: str, tmp_path: Path) -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    if mode == "P":
        clear.convert("P").save(tmp_path / "a.png", transparency=0)
    else:
        (clear.convert("LA") if mode in ("LA", "PA") else clear).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").image.getpixel((10, 10)) == (255, 255, 255)


def test_deep_greys_keep_their_range(tmp_path: Path) -> None:
    ramp = np.linspace(0, 4095, 64, dtype=np.uint16)[None].repeat(8, 0)  # an X-ray's twelve bits in sixteen
    Image.fromarray(ramp).save(tmp_path / "a.png")
    row = np.asarray(read_picture(tmp_path / "a.png").image)[0, :, 0].astype(int)
    assert row[0] == 0
    assert row[-1] == 255
    assert abs(row[32] - 130) < 3


def test_print_colours_and_first_frame(tmp_path: Path) -> None:
    Image.new("CMYK", (10, 10), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    red, green, _ = np.asarray(read_picture(tmp_path / "a.jpg").image)[5, 5]
    assert red > 200 > 100 > green
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("lime", "red")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read_picture(tmp_path / "a.gif").image.getpixel((5, 5)) == (0, 255, 0)


def _png_of_claimed_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


def _encoded(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((80, 80), 90).save(stream, kind)
    return stream.getvalue()


BAD = {
    "empty": (b"", "is empty"),
    "text": (b"Dear Sir, please find enclosed", "is not a picture"),
    "pdf": (b"%PDF-1.7 ...", "PDF, not a picture; `assistant library add FILE`"),
    "svg": (b"\n<svg xmlns='x'></svg>", "SVG"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0" + b"\0" * 99, "HEIC"),
    "sound": (b"RIFF\x24\0\0\0WAVEfmt ", "sound"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "PostScript"),
    "jpeg cut short": (_encoded("JPEG")[:900], "cut short"),
    "png cut short": (_encoded("PNG")[:900], "damaged or cut short"),
    "png header only": (b"\x89PNG\r\n\x1a\n", "damaged or cut short"),
    "webp cut short": (_encoded("WEBP")[:300], "damaged|cut short|sound or video"),
    "ten gigapixels": (_png_of_claimed_size(100_000, 100_000), "too large"),
    "twelve megapixels claimed by 1 kB": (_png_of_claimed_size(4000, 3000), "cut short|damaged"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_file_gets_one_clear_line(kind: str, tmp_path: Path) -> None:
    content, reason = BAD[kind]
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=reason) as caught:
        read_picture(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    with pytest.raises(ImageError, match=reason):
        decode_picture(content)


def test_size_is_checked_before_any_pixel_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(_png_of_claimed_size(4000, 3000))  # decoding it would say "cut short"
    with pytest.raises(ImageError, match=r"4000 x 3000 pixels, more than 10 million.*vision.max_megapixels"):
        read_picture(path, max_megapixels=10)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="There is no file"):
        read_picture(tmp_path / "nowhere.jpg")
    with pytest.raises(ImageError, match="is a folder"):
        read_picture(tmp_path)
    with pytest.raises(ImageError, match="cannot be opened"):
        read_picture("bad\0name.png")
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(ImageError, match="not a regular file"):
        read_picture(pipe)


def test_pages_of_a_tiff_are_joined_and_blank_ones_left_out(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (60, 40), "white") for _ in range(3)]
    pages[1].paste("black", (10, 10, 30, 20))
    pages[2].paste("blue", (0, 0, 20, 10))
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    picture = read_picture(tmp_path / "pages.tif")
    assert picture.image.size == (60, 80)
    assert picture.image.getpixel((15, 15)) == (0, 0, 0)
    assert picture.image.getpixel((5, 45)) == (0, 0, 255)
    with pytest.raises(ImageError, match="3 pages"):
        read_picture(tmp_path / "pages.tif", max_megapixels=0.006)


def test_a_tiff_of_blank_pages_is_its_first_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (30, 20), 255)] * 2
    pages[0].save(tmp_path / "blank.tif", save_all=True, append_images=pages[1:])
    assert read_picture(tmp_path / "blank.tif").image.size == (30, 20)


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_of_an_animation_the_first_frame_that_is_not_blank_is_taken(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (60, 40), "white") for _ in range(3)]
    frames[1].paste("black", (10, 10, 30, 20))
    frames[2].paste("blue", (0, 0, 60, 40))
    frames[0].save(tmp_path / f"a.{kind}", save_all=True, append_images=frames[1:], duration=100)
    picture = read_picture(tmp_path / f"a.{kind}").image
    assert max(picture.getpixel((20, 15))) < 40
    assert min(picture.getpixel((50, 35))) > 215


def test_light_marks_on_a_transparent_ground_stand_on_black_and_dark_ones_on_white(tmp_path: Path) -> None:
    for name, marks, ground in (("light", "white", (0, 0, 0)), ("dark", "black", (255, 255, 255))):
        image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
        image.paste(marks, (10, 10, 30, 20))
        image.save(tmp_path / f"{name}.png")
        picture = read_picture(tmp_path / f"{name}.png").image
        assert picture.getpixel((50, 30)) == ground
        assert picture.getpixel((15, 15)) == Image.new("RGB", (1, 1), marks).getpixel((0, 0))


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABoQABAAAAAAAAAGoAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Wlw"
    "cnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AA"
    "AAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAA"
    "QAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWB"
    "AgMFhAAAAHJtZGF0AAAAZigBrxOA9SeBP//uJUV/7RFq/01PMSrfIP9/+pmiL+NNJ24DBKtcZDhnZz3YDJQq1G1WFFEGvEcPlr5Pf+aGoBRr"
    "GmVu/wBzK5h44mDnmxQMkvDiJrOw7kf+JjzP61zvBE3AdIf0MA=="
)
"""64 × 48 pixels, blue on the left and red on the right, as a telephone saves it"""


def test_a_picture_of_a_telephone_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(HEIC)
    image = read_picture(tmp_path / "a.heic").image
    assert image.size == (64, 48)
    assert [max(range(3), key=image.getpixel(at).__getitem__) for at in ((5, 5), (60, 40))] == [2, 0]
    with pytest.raises(ImageError, match="damaged"):
        decode_picture(HEIC[:300])
