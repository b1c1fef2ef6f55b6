"""Things that arrive broken, and the rest of the world: boxes, screens and cars with damage, and everyday scenes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .texture import camera, cloud, dead_leaves, from_array, shade, to_array

__all__ = ["draw_damage", "draw_scene"]

Point = tuple[float, float]


def _cracks(rng: np.random.Generator, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    hit = (rng.uniform(left, right), rng.uniform(top, bottom))
    reach = max(right - left, bottom - top)
    ends: list[list[Point]] = []
    for spoke in range(int(rng.integers(6, 16))):
        angle = spoke * 0.5 + rng.normal(0, 0.3)
        points, (x, y) = [hit], hit
        for _ in range(6):
            angle += rng.normal(0, 0.25)
            x = float(np.clip(x + reach * 0.12 * np.cos(angle), left, right))
            y = float(np.clip(y + reach * 0.12 * np.sin(angle), top, bottom))
            points.append((x, y))
        draw.line(points, fill=(int(rng.integers(170, 256)),) * 3, width=int(rng.integers(1, 3)))
        ends.append(points)
    for ring in range(1, int(rng.integers(2, 5))):
        draw.line([points[ring] for points in ends], fill=(int(rng.integers(150, 240)),) * 3, width=1)


def _screen(rng: np.random.Generator, scene: Image.Image) -> Image.Image:
    """A laptop, tablet or phone with a cracked screen."""
    width, height = scene.size
    draw = ImageDraw.Draw(scene)
    body = (int(rng.integers(20, 210)),) * 3
    phone = rng.random() < 0.4
    half = width * (rng.uniform(0.14, 0.24) if phone else rng.uniform(0.28, 0.42))
    left, right = width / 2 - half, width / 2 + half
    top, bottom = height * rng.uniform(0.06, 0.2), height * (0.9 if phone else rng.uniform(0.55, 0.68))
    draw.rounded_rectangle([left - 7, top - 7, right + 7, bottom + 7], 9, fill=body)
    shown = dead_leaves(rng, int(right - left), int(bottom - top), int(rng.integers(0, 12))) * rng.choice(
        [0.15, 0.5, 1.0]
    )
    scene.paste(from_array(np.asarray(shown, np.float32)), (int(left), int(top)))
    if rng.random() < 0.8:
        for _ in range(int(rng.integers(1, 3))):
            _cracks(rng, draw, (left, top, right, bottom))
    if not phone:
        lean = width * rng.uniform(0.02, 0.1)
        foot = min(height - 2, bottom + height * rng.uniform(0.2, 0.32))
        draw.polygon([(left, bottom + 8), (right, bottom + 8), (right + lean, foot), (left - lean, foot)], fill=body)
        for row in range(4):
            y = bottom + 14 + row * (foot - bottom) * 0.16
            for key in range(12):
                x = left + 6 + key * (right - left - 12) / 12
                draw.rectangle([x, y, x + (right - left) / 15, y + (foot - bottom) * 0.11], fill=(25, 25, 28))
    return scene


def _parcel(rng: np.random.Generator, scene: Image.Image) -> Image.Image:
    """A crushed, torn or wet cardboard box with tape and a label."""
    width, height = scene.size
    brown = np.array([rng.uniform(130, 215), 0, 0])
    brown[1], brown[2] = brown[0] * rng.uniform(0.72, 0.84), brown[0] * rng.uniform(0.45, 0.66)
    box = np.ones((height, width, 3), np.float32) * brown * shade(rng, width, height, 0.35)[..., None]
    box += cloud(rng, width, height, 0.6)[..., None] * rng.uniform(10, 45)
    face = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(face)
    left, right = width * rng.uniform(0.05, 0.25), width * rng.uniform(0.7, 0.97)
    top, bottom = height * rng.uniform(0.2, 0.4), height * rng.uniform(0.75, 0.98)

    def dent() -> float:
        return float(rng.normal(0, 0.03)) * width

    ridge = [(left + dent() + (right - left) * i / 6, top + abs(dent()) * 2) for i in range(7)]
    draw.polygon([*ridge, (right + dent(), bottom), (left + dent(), bottom)], fill=255)
    lift = height * rng.uniform(0.08, 0.2)
    roof = [ridge[0], ridge[-1], (ridge[-1][0] - lift * 0.6, top - lift), (ridge[0][0] + lift, top - lift)]
    lid = Image.new("L", (width, height), 0)
    ImageDraw.Draw(lid).polygon(roof, fill=255)
    scene.paste(from_array(np.asarray(box * 1.15, np.float32)), (0, 0), lid)
    scene.paste(from_array(box), (0, 0), face)
    draw = ImageDraw.Draw(scene)
    middle = (left + right) / 2
    if rng.random() < 0.7:
        tape = (int(rng.integers(150, 230)), int(rng.integers(130, 210)), int(rng.integers(90, 220)))
        draw.rectangle(
            [
                middle - width * 0.04,
                top,
                middle + width * 0.04,
                bottom if rng.random() < 0.4 else top + (bottom - top) * 0.35,
            ],
            fill=tape,
        )
    if rng.random() < 0.6:
        x, y = rng.uniform(left, middle), rng.uniform(top + 8, (top + bottom) / 2)
        draw.rectangle([x, y, x + width * 0.25, y + height * 0.18], fill=(240, 240, 235))
        draw.text(
            (x + 4, y + 2),
            str(rng.choice(["PRIORITY", "FRAGILE", "TO:", "EXPRESS"])),
            fill=(20, 20, 20),
            font=ImageFont.load_default(int(width * 0.05)),
        )
        for bar in range(14):
            draw.line(
                [x + 5 + bar * width * 0.015, y + height * 0.1, x + 5 + bar * width * 0.015, y + height * 0.16],
                fill=(0, 0, 0),
                width=int(rng.integers(1, 3)),
            )
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(left, right), rng.uniform(top, bottom)
        tear = [(x + float(rng.normal(0, width * 0.07)), y + float(rng.normal(0, height * 0.06))) for _ in range(6)]
        draw.polygon(tear, fill=tuple(int(v) for v in brown * rng.choice([0.3, 0.55, 1.3])))
    if rng.random() < 0.25:
        stain = np.clip(cloud(rng, width, height, 0.4) * 2, 0, 1)[..., None] * rng.uniform(0.3, 0.8)
        scene = from_array(to_array(scene) * (1 - stain))
    return scene


def _car(rng: np.random.Generator, scene: Image.Image) -> Image.Image:
    """Part of a car: painted metal with dents and scratches, a wheel, a lamp."""
    width, height = scene.size
    paint = rng.uniform(20, 240, 3) if rng.random() < 0.5 else np.ones(3) * rng.uniform(20, 240)
    y, _ = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    gloss = 0.75 + 0.5 * np.exp(-(((y - rng.uniform(0.2, 0.5)) / 0.12) ** 2)) - 0.35 * y
    metal = paint * gloss[..., None] + 25 * cloud(rng, width, height, 0.3)[..., None]
    for _ in range(int(rng.integers(1, 4))):
        bump = np.clip(cloud(rng, width, height, 0.35) - 0.35, 0, 1)
        metal = metal + rng.choice([-150, 120]) * bump[..., None]
    shape = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(shape)
    roof = height * rng.uniform(0.05, 0.3)
    outline = [
        (0, roof + height * 0.25),
        (width * 0.3, roof),
        (width * 0.75, roof),
        (width, roof + height * 0.3),
        (width, height * 0.8),
        (0, height * 0.8),
    ]
    draw.polygon(outline, fill=255)
    scene.paste(from_array(np.asarray(metal, np.float32)), (0, 0), shape.filter(ImageFilter.GaussianBlur(2)))
    draw = ImageDraw.Draw(scene)
    draw.polygon(
        [
            (width * 0.32, roof + 8),
            (width * 0.72, roof + 8),
            (width * 0.85, roof + height * 0.22),
            (width * 0.2, roof + height * 0.22),
        ],
        fill=(35, 42, 50),
    )
    draw.line(
        [(0, height * 0.52), (width, height * rng.uniform(0.48, 0.58))],
        fill=tuple(int(v) for v in paint * 0.5),
        width=2,
    )
    for place in rng.choice([0.18, 0.8, 0.5], int(rng.integers(1, 3)), replace=False):
        x, y0, radius = width * place, height * 0.78, height * rng.uniform(0.13, 0.24)
        for share, grey in ((1.0, 18), (0.68, 170), (0.6, 60), (0.2, 190)):
            draw.ellipse(
                [x - radius * share, y0 - radius * share, x + radius * share, y0 + radius * share], fill=(grey,) * 3
            )
        for spoke in range(6):
            angle = spoke * np.pi / 3
            draw.line(
                [x, y0, x + radius * 0.6 * np.cos(angle), y0 + radius * 0.6 * np.sin(angle)],
                fill=(170,) * 3,
                width=max(2, int(radius / 8)),
            )
    for _ in range(int(rng.integers(0, 12))):
        x, y1 = rng.uniform(0, width), rng.uniform(height * 0.35, height * 0.75)
        draw.line(
            [x, y1, x + rng.normal(0, width * 0.15), y1 + rng.normal(0, height * 0.05)],
            fill=(int(rng.choice([30, 225])),) * 3,
            width=int(rng.integers(1, 3)),
        )
    return scene


def draw_damage(rng: np.random.Generator) -> Image.Image:
    """A damaged parcel, screen or car before some background; RGB, about 280 by 240 pixels."""
    width, height = int(rng.integers(240, 320)), int(rng.integers(200, 300))
    scene = from_array(dead_leaves(rng, width, height, int(rng.integers(0, 40))))
    scene = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0, 4)))
    draw = (_parcel, _screen, _car)[rng.integers(3)]
    return camera(rng, draw(rng, scene), 0.8)


def draw_scene(rng: np.random.Generator, things: Sequence[Image.Image] = ()) -> Image.Image:
    """An everyday scene: a textured background, with drawn things in front if some are given; RGB.

    Args:
        rng: source of randomness.
        things: pictures on white ground; up to three are pasted in, the white left out.
    """
    width, height = int(rng.integers(220, 320)), int(rng.integers(200, 320))
    canvas = dead_leaves(rng, width, height, int(rng.integers(5, 90)))
    if rng.random() < 0.3:
        sky = rng.uniform(120, 255, 3) * np.linspace(1, 0.7, height)[:, None]
        canvas[: height // 2] = sky[: height // 2, None, :]
    scene = from_array(canvas).filter(ImageFilter.GaussianBlur(rng.uniform(0, 3)))
    for _ in range(int(rng.integers(1, 4)) if things else 0):
        thing = things[int(rng.integers(len(things)))]
        size = int(min(width, height) * rng.uniform(0.35, 0.9))
        thing = thing.resize((size, size))
        pixels = to_array(thing)
        solid = Image.fromarray(((pixels.min(axis=2) < 243) * 255).astype(np.uint8))
        spot = (int(rng.integers(0, width - size + 1)), int(rng.integers(0, height - size + 1)))
        scene.paste(from_array(pixels * shade(rng, size, size, 0.3)[..., None]), spot, solid)
    return camera(rng, scene, 1.0)
