"""Outlines for scripts/territoire.py: simplify as a coverage, put on a grid, write as SVG paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

LARGEUR = 640  # pixels the map is drawn for
PAR_PIXEL = (2, 5, 10, 20)  # units of the viewBox per pixel, integers in the file: the coarsest that is valid
MARGE = 3  # pixels left empty around, for the strokes
LAMBERT_93 = "EPSG:2154"


def projeter(traces: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Shapes in metres: Lambert-93, or an equal-area projection of its own overseas."""
    brutes = {code: shapely.from_wkb(bytes.fromhex(trace)) for code, trace in traces.items() if trace}
    ouest, sud, est, nord = shapely.total_bounds(list(brutes.values()))
    systeme = LAMBERT_93
    if ouest < -6 or est > 10 or sud < 41:
        centre = f"+lat_0={(sud + nord) / 2:.2f} +lon_0={(ouest + est) / 2:.2f}"
        systeme = f"+proj=laea {centre} +datum=WGS84 +units=m"
    passage = Transformer.from_crs(4326, CRS(systeme), always_xy=True)

    def en_metres(xy: Any) -> Any:
        return np.column_stack(passage.transform(xy[:, 0], xy[:, 1]))

    return {code: shapely.transform(forme, en_metres) for code, forme in brutes.items()}, systeme


def part_commune(communes: Mapping[str, str], zones: Mapping[str, str]) -> dict[str, tuple[str, float]]:
    """For each commune the zone that covers most of it, and the share covered."""
    if not zones:
        return {}
    formes, _ = projeter(communes)
    grandes, _ = projeter(zones)
    arbre, codes = shapely.STRtree(list(grandes.values())), list(grandes)
    resultat = {}
    for code, forme in formes.items():
        parts = {
            codes[i]: forme.intersection(grandes[codes[i]]).area / forme.area for i in arbre.query(forme)
        }
        if parts:
            meilleure = max(parts, key=lambda z: parts[z])
            resultat[code] = meilleure, parts[meilleure]
    return resultat


def couches(
    communes: Sequence[Mapping[str, Any]], traces: Mapping[str, str], tolerance: float
) -> dict[str, Any]:
    """The content of contours.json: layers `commune` and `epci`, on the same grid.

    SystemExit when the rounded outlines have gaps or overlaps on every grid.
    """
    metres, systeme = projeter(traces)
    entieres = reunir(communes, metres)
    formes = list(entieres.values())
    if not shapely.coverage_is_valid(formes):
        print("  contours d’origine nettoyés (recouvrements ou trous)")
        formes = list(shapely.coverage_clean(formes))
    simples = shapely.coverage_simplify(formes, tolerance)
    for par_pixel in PAR_PIXEL:
        grille, cadre = poser(simples, par_pixel)
        if verifier(list(entieres), formes, grille, cadre["metres_par_unite"]):
            break
    else:
        raise SystemExit("Contours non valides après arrondi, même sur la grille la plus fine.")

    par_epci: dict[str, list[Any]] = defaultdict(list)
    code_epci = {c["code"]: c["code_epci"] for c in communes}
    for code, forme in zip(entieres, grille, strict=True):
        if code_epci[code]:
            par_epci[code_epci[code]].append(forme)
    epci = {code: shapely.coverage_union_all(membres) for code, membres in sorted(par_epci.items())}
    return {
        "projection": systeme,
        **cadre,
        "couches": {
            "commune": couche(dict(zip(entieres, grille, strict=True))),
            "epci": couche(epci),
        },
    }


def reunir(communes: Sequence[Mapping[str, Any]], metres: Mapping[str, Any]) -> dict[str, Any]:
    """One shape for each commune of today, that of the communes it absorbed included."""
    formes = {}
    for commune in communes:
        codes = [commune["code"], *commune["anciens_codes"].split()]
        parts = [metres[code] for code in codes if code in metres]
        if parts:
            formes[commune["code"]] = shapely.union_all(parts)
        else:
            print(f"  {commune['code']} {commune['nom']} : pas de contour")
    return formes


def nettoyer(forme: Any) -> Any:
    """The shape on the grid without repeated points and without the islets that vanished."""
    polygones = []
    for polygone in shapely.get_parts(forme):
        anneaux = [sans_repetition(anneau) for anneau in [polygone.exterior, *polygone.interiors]]
        pleins = [a for a in anneaux if len(a) > 3 and shapely.Polygon(a).area > 0]
        if pleins:
            polygones.append(shapely.Polygon(pleins[0], pleins[1:]))
    return shapely.MultiPolygon(polygones) if len(polygones) != 1 else polygones[0]


def sans_repetition(anneau: Any) -> Any:
    """Points of a ring without those equal to the one before."""
    points = np.asarray(anneau.coords)
    return points[np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]]


def poser(formes: Sequence[Any], par_pixel: int) -> tuple[list[Any], dict[str, Any]]:
    """Shapes in integer units of the viewBox, north up, and the frame to get back to metres."""
    x0, y0, x1, y1 = shapely.total_bounds(formes)
    marge = MARGE * par_pixel
    unite = (x1 - x0) / (LARGEUR * par_pixel - 2 * marge)
    hauteur = -(-(round((y1 - y0) / unite) + 2 * marge) // par_pixel)
    gauche, haut = x0 - marge * unite, y1 + marge * unite

    def sur_grille(xy: Any) -> Any:
        return np.rint(np.column_stack([(xy[:, 0] - gauche) / unite, (haut - xy[:, 1]) / unite]))

    return [nettoyer(shapely.transform(forme, sur_grille)) for forme in formes], {
        "metres_par_unite": round(unite, 4),
        "origine": [round(gauche, 1), round(haut, 1)],
        "largeur": LARGEUR,
        "hauteur": hauteur,
        "viewBox": f"0 0 {LARGEUR * par_pixel} {hauteur * par_pixel}",
    }


def verifier(codes: Sequence[str], avant: Sequence[Any], apres: Sequence[Any], unite: float) -> bool:
    """True when the rounded coverage has neither gap nor overlap nor lost shape; prints what moved."""
    mauvaises = [
        code for code, forme in zip(codes, apres, strict=True) if not forme.is_valid or forme.is_empty
    ]
    valide = not mauvaises and bool(shapely.coverage_is_valid(apres))
    ecarts = [abs(b.area * unite**2 - a.area) / a.area for a, b in zip(avant, apres, strict=True)]
    print(
        f"  contours à {unite:.1f} m par unité : {sum(map(shapely.get_num_coordinates, apres))} points "
        f"(avant : {sum(map(shapely.get_num_coordinates, avant))}), "
        f"couverture {'valide' if valide else 'NON VALIDE'} après arrondi {', '.join(mauvaises)}, "
        f"écart de surface au plus {max(ecarts):.1%} ({codes[int(np.argmax(ecarts))]}), "
        f"au total {sum(b.area for b in apres) * unite**2 / sum(a.area for a in avant) - 1:+.3%}"
    )
    return valide


def couche(formes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Paths and label points by code."""
    return {
        "chemins": {code: chemin(forme) for code, forme in formes.items()},
        "etiquettes": {code: etiquette(forme) for code, forme in formes.items()},
    }


def chemin(forme: Any) -> str:
    """SVG path with relative integer moves: each ring 'Mx,y' 'l' dx,dy … 'z', all turning the same way."""
    morceaux = []
    for polygone in shapely.get_parts(shapely.orient_polygons(forme)):
        for anneau in [polygone.exterior, *polygone.interiors]:
            points = np.asarray(anneau.coords, dtype=int)[:-1]
            pas = " ".join(f"{dx},{dy}" for dx, dy in np.diff(points, axis=0))
            morceaux.append(f"M{points[0][0]},{points[0][1]}l{pas}z")
    return "".join(morceaux)


def etiquette(forme: Any) -> list[int]:
    """Centre of the largest circle inside the shape."""
    plus_grand = max(shapely.get_parts(forme), key=lambda p: p.area)
    return [round(v) for v in shapely.maximum_inscribed_circle(plus_grand, tolerance=1.0).coords[0]]
