"""X-ray films of chests and close-ups of skin, drawn from a few ellipses and random reliefs.

They carry no diagnosis: they only teach what such a picture looks like as a whole.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .texture import camera, cloud, from_array, to_array

__all__ = ["draw_skin", "draw_xray"]


def _ribs(rng: np.random.Generator, draw: ImageDraw.ImageDraw, width: int, height: int, bright: int) -> None:
    pairs = int(rng.integers(7, 11))
    top, step = rng.uniform(0.06, 0.14) * height, rng.uniform(0.07, 0.095) * height
    for pair in range(pairs):
        y = top + pair * step
        reach = width * (0.20 + 0.20 * min(1.0, (pair + 1) / 4))
        drop = step * rng.uniform(1.6, 2.4)
        line = max(2, int(height * rng.uniform(0.014, 0.024)))
        for side in (-1, 1):
            middle = width / 2 + side * 0.03 * width
            outer = middle + side * reach
            box = [min(middle, outer), y, max(middle, outer), y + 2 * drop]
            draw.arc(box, 180, 360, fill=bright, width=line)
            front = [min(middle, outer), y + drop * 0.2, max(middle, outer), y + drop * 2.6]
            draw.arc(front, 0 if side > 0 else 60, 120 if side > 0 else 180, fill=bright // 2, width=line)


def _organs(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    film = Image.new("L", (width, height), int(rng.integers(0, 40)))
    draw = ImageDraw.Draw(film)
    body = int(rng.integers(110, 190))
    shoulder = rng.uniform(0.10, 0.2) * height
    draw.rounded_rectangle([width * 0.04, shoulder, width * 0.96, height * 1.2], width // 5, fill=body)
    draw.rectangle([width * 0.40, 0, width * 0.60, shoulder * 1.6], fill=body)
    lung, spread = int(rng.integers(20, 70)), rng.uniform(0.16, 0.2)
    for side in (-1, 1):
        middle = width * (0.5 + side * rng.uniform(0.2, 0.235))
        top, bottom = height * rng.uniform(0.08, 0.16), height * rng.uniform(0.7, 0.86)
        draw.ellipse([middle - spread * width, top, middle + spread * width, bottom + 0.12 * height], fill=lung)
        base = [middle - 0.24 * width, bottom - 0.06 * height, middle + 0.24 * width, height * 1.3]
        draw.ellipse(base, fill=min(240, body + 30))
    film = film.filter(ImageFilter.GaussianBlur(width / rng.uniform(30, 60)))
    soft = Image.new("L", (width, height), 0)
    _ribs(rng, ImageDraw.Draw(soft), width, height, int(rng.integers(12, 75)))
    draw = ImageDraw.Draw(soft)
    draw.rectangle([width * 0.465, 0, width * 0.535, height], fill=int(rng.integers(50, 100)))
    for vertebra in range(12):
        y = height * vertebra / 12
        draw.line([width * 0.46, y, width * 0.54, y], fill=30, width=2)
    heart = rng.uniform(0.12, 0.2)
    for side in (-1, 1):
        points = [(width * (0.5 + side * 0.04), height * 0.14), (width * (0.5 + side * 0.44), height * 0.06)]
        draw.line(points, fill=90, width=max(3, width // 36))
    soft = soft.filter(ImageFilter.GaussianBlur(width / rng.uniform(45, 160)))
    shadow = Image.new("L", (width, height), 0)
    box = [width * (0.5 - heart * 0.6), height * rng.uniform(0.35, 0.45), width * (0.5 + heart * 1.4), height * 0.82]
    ImageDraw.Draw(shadow).ellipse(box, fill=int(rng.integers(60, 120)))
    shadow = shadow.filter(ImageFilter.GaussianBlur(width / rng.uniform(18, 60)))
    return from_array(to_array(film) + to_array(soft) + to_array(shadow)).convert("L")


def draw_xray(rng: np.random.Generator) -> Image.Image:
    """A front view of a chest as on film: dark lungs, ribs, spine, heart, markers; RGB, about 260 pixels."""
    width = int(rng.integers(230, 300))
    height = int(width * rng.uniform(0.8, 1.2))
    canvas = to_array(_organs(rng, width, height))[..., 0]
    inside = canvas > 15
    canvas = canvas + cloud(rng, width, height, 0.75) * rng.uniform(8, 45) * inside
    canvas = canvas + cloud(rng, width, height, 0.2) * rng.uniform(0, 60) * inside
    low, high = np.percentile(canvas, [1, 99])
    canvas = 255 * np.clip((canvas - low) / (high - low + 1), 0, 1) ** np.exp(rng.normal(0.0, 0.3))
    canvas = canvas * rng.uniform(0.7, 1.0) + rng.normal(0, rng.uniform(0, 6), canvas.shape)
    image = from_array(np.asarray(canvas, np.float32)).rotate(float(rng.normal(0, 2.5)), fillcolor=(0, 0, 0))
    draw = ImageDraw.Draw(image)
    if rng.random() < 0.6:
        mark = str(rng.choice(["L", "R", "PA", "AP", "PORTABLE"]))
        spot = (width * rng.choice([0.03, 0.85]), height * rng.uniform(0.02, 0.15))
        draw.text(spot, mark, fill=(240, 240, 240), font=ImageFont.load_default(int(rng.integers(9, 20))))
    for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0):
        cable = [(float(rng.uniform(0, width)), float(rng.uniform(0, height))) for _ in range(4)]
        draw.line(cable, fill=(210, 210, 210), width=int(rng.integers(1, 3)), joint="curve")
    zoom = rng.uniform(0.78, 1.0)
    left, top = rng.uniform(0, 1 - zoom) * width, rng.uniform(0, 1 - zoom) * height
    image = image.crop((int(left), int(top), int(left + zoom * width), int(top + zoom * height)))
    width, height = image.size
    tint = np.array([0.75, 0.95, 1.15]) if rng.random() < 0.1 else np.ones(3)
    image = from_array(np.asarray(to_array(image) * tint, np.float32))
    if rng.random() < 0.3:
        border = int(rng.integers(4, 25))
        framed = Image.new("RGB", (width + 2 * border, height + 2 * border), tuple([int(rng.choice([0, 255]))] * 3))
        framed.paste(image, (border, border))
        image = framed
    return image


def _lesion(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    radius = rng.uniform(0.08, 0.42)
    centre_x, centre_y = rng.uniform(0.35, 0.65, 2)
    angle = np.arctan2(y - centre_y, x - centre_x)
    wobble = sum(rng.normal(0, 0.22 / k) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(1, 7))
    distance = np.hypot((x - centre_x) * rng.uniform(0.8, 1.25), y - centre_y)
    edge = rng.uniform(8, 40)
    return np.asarray(1 / (1 + np.exp(np.clip(edge * (distance / radius - 1 - 0.6 * wobble), -40, 40))))


def _hairs(rng: np.random.Generator, image: Image.Image) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    dark = tuple(int(v) for v in rng.integers(20, 110, 3))
    for _ in range(int(rng.integers(0, 22))):
        x, y, angle = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, 6.3)
        points = [(x, y)]
        for _ in range(8):
            angle += rng.normal(0, 0.2)
            x, y = x + 0.09 * width * np.cos(angle), y + 0.09 * height * np.sin(angle)
            points.append((x, y))
        draw.line(points, fill=dark, width=int(rng.integers(1, 3)))


def draw_skin(rng: np.random.Generator) -> Image.Image:
    """A close-up of skin with a mole, spot or rash, hairs and glare; RGB, about 240 pixels."""
    width, height = int(rng.integers(220, 290)), int(rng.integers(200, 260))
    base = np.array([rng.uniform(150, 245), 0, 0])
    base[1] = base[0] * rng.uniform(0.55, 0.85)
    base[2] = base[0] * rng.uniform(0.5, 0.9)
    relief = cloud(rng, width, height, 0.7)
    canvas = base + relief[..., None] * rng.uniform(5, 28) * np.array([0.7, 1.0, 1.0])
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    for _ in range(int(rng.choice([1, 1, 1, 1, 2, 5]))):
        strength = _lesion(rng, x, y) * rng.uniform(0.35, 1.0)
        strength = strength * np.clip(1 + rng.uniform(0, 0.8) * cloud(rng, width, height, 0.8), 0, 1.2)
        kind = rng.random()
        brown = rng.uniform(10, 150) * np.array([1, rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.9)])
        red = base * np.array([0.95, rng.uniform(0.35, 0.6), rng.uniform(0.4, 0.65)])
        pale = base * 1.08 + 10
        colour = brown if kind < 0.62 else red if kind < 0.92 else pale
        canvas = canvas * (1 - np.clip(strength, 0, 1)[..., None]) + colour * np.clip(strength, 0, 1)[..., None]
    image = from_array(np.asarray(canvas, np.float32))
    _hairs(rng, image)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    canvas = to_array(image)
    if rng.random() < 0.4:
        fall = np.clip(np.hypot(x - 0.5, y - 0.5) - rng.uniform(0.35, 0.6), 0, 1) * rng.uniform(0.5, 3)
        canvas = canvas * np.clip(1 - fall, 0, 1)[..., None].astype(np.float32)
    return camera(rng, from_array(canvas), 0.7)
