"""Picture files of every common kind, pictures of a webcam, and a clear word about those that cannot be read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from assistant.errors import DeviceError, ImageError
from assistant.inputs.opening import open_file
from assistant.types import Picture

__all__ = ["decode_picture", "is_blank", "load_picture", "picture_of", "pixels_of", "read_picture", "take_picture"]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO", "AVIF", "TGA", "JPEG2000")
"""what is opened; not EPS, which Pillow hands to another program"""

MEGAPIXELS = "vision.max_megapixels"
"""the setting that holds the limit"""

HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
"""what a file of a telephone's camera declares itself to be"""

MOST_FRAMES = 50
"""of an animation that are looked through for one that is not blank"""
BLANK = 10
"""difference of tones, 0 to 255, below which a frame is blank"""
MOSTLY_OPAQUE, LIGHT = 0.9, 200.0
"""mean opacity, 0 to 1, up to which a picture has a transparent ground, and mean luminance, 0 to 255, of light marks"""

_OTHERS = {
    b"%PDF": "a PDF, not a picture; `assistant library add FILE` reads it, scanned pages too (or save the page as PNG)",
    b"%!PS": "PostScript; save it as PNG",
    b"<svg": "an SVG drawing; save it as PNG",
    b"<?xml": "XML, perhaps an SVG drawing; save it as PNG",
    b"PK\x03\x04": "an archive or office document, not a picture; `assistant library add FILE` reads it",
    b"\x1f\x8b": "a compressed file; unpack it first",
    b"RIFF": "sound or video, not a picture",
    b"OggS": "sound or video, not a picture",
    b"ID3": "sound, not a picture",
    b"fLaC": "sound, not a picture",
}


def read_picture(path: str | Path, max_megapixels: float = 100.0) -> Picture:
    """Read a picture file, upright and in RGB; the extension does not matter, the content does.

    The pages of a TIFF are joined, one below the other. Of an animation it is the first frame that is not blank.
    Transparent parts become white, or black behind light marks. More than so many million pixels are not decoded.

    Raises:
        ImageError: one line saying what is wrong with the file.
    """
    with open_file(path, ImageError) as stream:
        return load_picture(stream, str(path), max_megapixels)


def decode_picture(
    content: bytes, source: str = "", max_megapixels: float = 100.0, setting: str = MEGAPIXELS
) -> Picture:
    """Like `read_picture`, for a picture file held in memory; `setting` is the limit's name in the error."""
    return load_picture(BytesIO(content), source or "the picture", max_megapixels, setting)


def pixels_of(content: bytes, source: str, max_megapixels: float, setting: str = MEGAPIXELS) -> int:
    """Number of pixels of a picture file, without decoding it; raises as `decode_picture` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _open(BytesIO(content), source)
        _check_size(image, source, max_megapixels, setting)
        return int(image.width * image.height)


def picture_of(image: Image.Image, max_megapixels: float = 100.0) -> Picture:
    """Like `read_picture`, for an image that is open already."""
    _check_size(image, "the picture", max_megapixels, MEGAPIXELS)
    return _decoded("the picture", lambda: _single(image))


def load_picture(stream: BinaryIO, source: str, max_megapixels: float, setting: str = MEGAPIXELS) -> Picture:
    """Like `decode_picture`, for an open file."""
    with warnings.catch_warnings():  # on damaged metadata, and on sizes about which `_check_size` is stricter
        warnings.simplefilter("ignore")
        image = _open(stream, source)
        _check_size(image, source, max_megapixels, setting)
        if getattr(image, "n_frames", 1) > 1:
            return _decoded(source, lambda: _frames(image, source, max_megapixels, setting))
        return _decoded(source, lambda: _single(image))


def _decoded(source: str, decode: Callable[[], Image.Image]) -> Picture:
    try:
        return Picture(decode(), source)
    except ImageError:
        raise
    except Exception as error:  # decoders raise whatever their format's parser raises
        raise ImageError(f"{source} is damaged or cut short ({_reason(error)}); get the picture again") from error


def _single(image: Image.Image) -> Image.Image:
    image.load()
    return _to_rgb(_upright(image))


def _frames(image: Image.Image, source: str, max_megapixels: float, setting: str) -> Image.Image:
    """All pages of a document that are not blank, or the first frame of an animation that is not."""
    count: int = image.n_frames  # type: ignore[attr-defined]
    if image.format != "TIFF":
        frames = (_frame(image, place) for place in range(min(count, MOST_FRAMES)))
        first = next(frames)
        return next((frame for frame in chain([first], frames) if not is_blank(frame)), first)
    pages: list[Image.Image] = []
    pixels = 0
    for place in range(count):
        image.seek(place)
        pixels += image.width * image.height
        if pixels > max_megapixels * 1e6:
            raise ImageError(
                f"{source} has {count} pages, together more than {max_megapixels:g} million pixels; save the pages "
                f"you mean on their own, or raise the setting {setting}",
                too_large=True,
            )
        page = _frame(image, place)
        pages += [] if is_blank(page) else [page]
    return _joined(pages or [_frame(image, 0)])


def _frame(image: Image.Image, place: int) -> Image.Image:
    image.seek(place)
    return _to_rgb(_upright(image.copy()))


def is_blank(image: Image.Image) -> bool:
    """Returns whether a picture has one colour and nothing else."""
    return all(high - low < BLANK for low, high in image.resize((64, 64), Image.Resampling.BOX).getextrema())  # type: ignore[misc]


def _joined(pages: Sequence[Image.Image]) -> Image.Image:
    """Pages one below the other, on white."""
    if len(pages) == 1:
        return pages[0]
    whole = Image.new("RGB", (max(p.width for p in pages), sum(p.height for p in pages)), "white")
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height
    return whole


def _open(stream: BinaryIO, source: str) -> Image.Image:
    start = stream.read(512)
    stream.seek(0)
    if not start:
        raise ImageError(f"{source} is empty")
    Image.init()  # so that every format's reader is there
    formats: tuple[str, ...] = FORMATS
    if start[4:8] == b"ftyp" and start[8:12] in HEIC:
        import pi_heif

        pi_heif.register_heif_opener()
        formats = ("AVIF", "HEIF")
    try:
        return Image.open(stream, formats=formats)
    except Image.DecompressionBombError as error:
        raise ImageError(f"{source} is far too large to open: {_reason(error)}", too_large=True) from error
    except UnidentifiedImageError as error:
        raise ImageError(_unidentified(start, source)) from error
    except Exception as error:
        raise ImageError(f"{source} is damaged ({_reason(error)}); get the picture again") from error


def _unidentified(start: bytes, source: str) -> str:
    head = start.lstrip()
    for mark, kind in _OTHERS.items():
        if head.startswith(mark):
            return f"{source} is {kind}"
    if start[4:8] == b"ftyp" and start[8:12] in HEIC:
        return f"{source} is HEIC, and damaged or cut short; get the picture again"
    if start[4:8] == b"ftyp":
        return f"{source} is a video or an unknown kind of picture; save it as JPEG"
    if start.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*", b"BM")):
        return f"{source} is damaged or cut short; get the picture again"
    return f"{source} is not a picture; JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF and HEIC can be read"


def _check_size(image: Image.Image, source: str, max_megapixels: float, setting: str) -> None:
    width, height = image.size
    if min(width, height) < 1:
        raise ImageError(f"{source} has no pixels")
    if width * height > max_megapixels * 1e6:
        raise ImageError(
            f"{source} is {width} x {height} pixels, more than {max_megapixels:g} million; "
            f"make it smaller, or raise the setting {setting}",
            too_large=True,
        )


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a damaged EXIF block says nothing about the pixels
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image.copy() if image.info else image
    if image.mode.startswith(("I", "F")):
        return _deep_to_rgb(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, "black" if _light_marks(rgba) else "white")
        return Image.alpha_composite(ground, rgba).convert("RGB")
    return image.convert("RGB")


def _light_marks(rgba: Image.Image) -> bool:
    """Returns whether what is drawn on a transparent ground would vanish on white: white print, a light logo."""
    small = np.asarray(rgba.resize((128, 128), Image.Resampling.BOX), np.float32)
    weights = small[..., 3] / 255
    if weights.mean() > MOSTLY_OPAQUE or not weights.any():
        return False
    luminance = small[..., :3] @ np.asarray([0.299, 0.587, 0.114], np.float32)
    return bool(np.average(luminance, weights=weights) > LIGHT)


def _deep_to_rgb(image: Image.Image) -> Image.Image:
    """More than 8 bits a pixel: the full range of the smallest usual depth that holds the brightest pixel."""
    values = np.nan_to_num(np.asarray(image, np.float32))
    brightest = float(values.max(initial=0.0))
    full = next((depth for depth in (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0) if brightest <= depth), brightest)
    if full == 1.0 and not image.mode.startswith("F"):
        full = 255.0
    return Image.fromarray((np.clip(values / full, 0, 1) * 255).round().astype(np.uint8)).convert("RGB")


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).rstrip(".")


WARM_UP = 5
"""frames thrown away while the camera finds its exposure"""


def take_picture(device: int = 0) -> Picture:
    """Take one picture with camera `device`, from 0, which is on about a second; DeviceError when it gives none."""
    try:
        import cv2
    except ImportError as error:
        raise DeviceError(
            f"The camera needs OpenCV ({error}); install it: pip install opencv-python-headless"
        ) from error
    cv2.utils.logging.setLogLevel(0)  # its complaints about a missing camera would land on the screen
    camera = cv2.VideoCapture(device)
    try:
        if not camera.isOpened():
            raise DeviceError(f"There is no camera {device}; plug one in, or show a picture file instead")
        for _ in range(WARM_UP):
            camera.grab()
        there, frame = camera.read()
    finally:
        camera.release()
    if not there or frame is None:
        raise DeviceError(f"Camera {device} returns no picture; check whether another program uses it")
    return Picture(Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)), f"camera {device}")
