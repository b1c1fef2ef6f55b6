"""One picture from a webcam."""

from __future__ import annotations

from PIL import Image

from assistant.errors import DeviceError
from assistant.types import Picture

__all__ = ["take_picture"]

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
        raise DeviceError(f"Camera {device} gives no picture; is another program using it?")
    return Picture(Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)), f"camera {device}")
